// Private keys in PEM armour, however they arrive.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "redact/matcher.h"

namespace ktl::redact {

// Follows one text, piece by piece, and says which of its bytes lie between
// "-----BEGIN ... PRIVATE KEY-----" and the end of that block (RFC 7468, RFC 1421, RFC 4880): all
// after the first line, with the last one. A block that never ends is over at the first byte that
// cannot be in one, at a line of several short words, or after 64 KiB. One thread at a time.
class PemScan {
 public:
  // Appends the ranges of `piece` that are key, with `base` added to their places.
  void take(std::string_view piece, size_t base, std::vector<Range>& found);

  // Nothing has begun.
  [[nodiscard]] bool idle() const { return phase_ == Phase::kOutside && matched_ == 0; }

 private:
  enum class Phase : uint8_t { kOutside, kName, kBody, kFooter };

  void outside(char c);
  void name(char c);
  bool body(char c);  // false: the block is over and `c` is not in it
  void end_line();
  void footer(char c);

  Phase phase_ = Phase::kOutside;
  uint8_t matched_ = 0;  // bytes of the marker, or dashes in a row
  uint8_t named_ = 0;    // bytes of the name so far
  uint8_t headers_ = 0;  // lines "Name: text" so far
  bool header_ = false;  // this line is one
  bool armour_ = false;  // a line of key has been seen
  uint32_t size_ = 0;    // of the body so far
  uint32_t word_ = 0;    // bytes of the current word, words and longest word of the line
  uint32_t words_ = 0;
  uint32_t longest_ = 0;
  std::array<char, 48> name_{};
};

}  // namespace ktl::redact
