// Text that is other text in base64 or hex: where it stands, and what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ktl::secrets {

// Shorter runs are words; 24 characters hold 18 bytes in base64.
inline constexpr size_t kShortestRun = 24;

// In the alphabets of base64 and base64url (RFC 4648), '=' not included.
bool in_base64(char c);

// Where the next run of at least kShortestRun such characters begins in [from, to), `to` when
// nowhere; `text` must reach kShortestRun bytes beyond `to` unless it ends there.
size_t next_run(std::string_view text, size_t from, size_t to);

// The end of the run that `from` stands in, at most `to`.
size_t run_end(std::string_view text, size_t from, size_t to);

bool is_hex(std::string_view text);

// Takes characters in either encoding bit by bit, across any cut.
class BitDecoder {
 public:
  // `bits` a character: 6 for base64, 4 for hex.
  void start(unsigned bits) {
    bits_ = bits;
    held_ = 0;
    count_ = 0;
  }
  // Appends what `text` says to `out`; all of it must be of the alphabet.
  void decode(std::string_view text, std::string& out);

 private:
  unsigned bits_ = 6;
  uint32_t held_ = 0;
  unsigned count_ = 0;
};

// "%41%2f" as "A/" (RFC 3986); what is no escape stays.
std::string percent_decoded(std::string_view text);

}  // namespace ktl::secrets
