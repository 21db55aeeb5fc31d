// The forms in which a secret value is looked for.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/wiped.h"

namespace ktl::redact {

// Values shorter than this are not looked for: they would mask words that are none.
inline constexpr size_t kShortest = 8;

// A longer value is looked for in pieces of this many bytes, so that a part of a key is masked
// too. Pieces overlap by kOverlap bytes: then their base64 forms, whatever the alignment, touch.
inline constexpr size_t kPiece = 128;
inline constexpr size_t kOverlap = 2;

// Many short byte strings in one buffer. Not thread-safe.
class PatternSet {
 public:
  [[nodiscard]] size_t size() const { return starts_.size(); }
  [[nodiscard]] std::string_view operator[](size_t index) const;
  // Nothing happens when one of the patterns from `from` on is the same.
  void add(std::string_view pattern, size_t from);

 private:
  Wiped<char> bytes_;
  std::vector<size_t> starts_;
};

// `value` without the white space around it: a file's last newline is seldom printed with it.
std::string_view trimmed(std::string_view value);

// How many pieces a trimmed value has; 0 when it is too short.
size_t pieces_of(std::string_view value);

// Adds every form of every piece of a trimmed value. All are without line breaks (line_breaks.h)
// and at least kShortest bytes long:
//   as it is, also with invalid UTF-8 replaced as logs have it, and escaped as in JSON;
//   base64 (RFC 4648 sections 4 and 5) at each of the three alignments, as far as only the value
//   decides the digits; hexadecimal in both cases; percent-encoded (RFC 3986 section 2.1) as the
//   common encoders do it, in both cases.
void add_forms(std::string_view value, PatternSet& patterns);

}  // namespace ktl::redact
