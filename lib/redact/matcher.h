// Finds any of many patterns in a text, and what may become one when the text goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "redact/forms.h"
#include "redact/wiped.h"

namespace ktl::redact {

// A part of a text, `to` exclusive.
struct Range {
  size_t from;
  size_t to;
};

// Looks at four bytes in every five: since a pattern has at least eight, one of those looks falls
// on one of its first five places, and a bit table says whether it can. What passes is compared.
// Against an Aho-Corasick automaton this needs no state per byte of pattern and a fifth of the
// looks (docs/measurements.md). Immutable; any thread.
class Matcher {
 public:
  // Each pattern has at least kShortest bytes.
  explicit Matcher(PatternSet patterns);

  // Appends every occurrence in `text`, overlapping ones too, and returns where the longest end of
  // `text` begins that is the beginning of a pattern; text.size() when there is none.
  size_t scan(std::string_view text, std::vector<Range>& found) const;

 private:
  struct Anchor {
    uint32_t gram;
    uint32_t pattern;
    uint32_t offset;
  };
  void add_anchors();
  void add_beginnings();
  void look(std::string_view text, size_t place, std::vector<Range>& found, size_t& open) const;
  [[nodiscard]] bool begins(uint64_t key) const;
  [[nodiscard]] size_t beginning(std::string_view text) const;

  PatternSet patterns_;
  unsigned table_shift_ = 0;
  Wiped<uint64_t> table_;  // a bit for the hash of each anchor
  unsigned bucket_shift_ = 0;
  Wiped<uint32_t> buckets_;  // by hash: where its anchors begin
  Wiped<Anchor> anchors_;
  unsigned key_shift_ = 0;
  Wiped<uint64_t> keys_;  // every pattern's first 1 to 7 bytes, as an open hash table
  unsigned hint_shift_ = 0;
  Wiped<uint64_t> hints_;  // a bit for the hash of each key
};

}  // namespace ktl::redact
