// Text from steps, daemons and files, made safe to show on a terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ktl::cli {

// Removes what a terminal would obey: escape sequences (ECMA-48: CSI, OSC, DCS, APC, PM, SOS, also
// in their one-byte C1 forms), control characters and the invisible characters that reorder text
// (Unicode bidirectional overrides and isolates). Colours (CSI ... m, "SGR") stay when `colours`
// is true. What stays: printable text, tabs, newlines, and carriage returns other than those before
// a newline, several in a row as one; lines.h decides what they mean. The line separators U+2028
// and U+2029 become newlines.
//
// A stream may be fed in pieces: a sequence or character may be cut anywhere. Bytes that are not
// UTF-8 become U+FFFD. One thread at a time; constant memory.
class Sanitizer {
 public:
  explicit Sanitizer(bool colours) : colours_(colours) {}
  std::string feed(std::string_view bytes);

 private:
  enum class State { kText, kEscape, kIntermediate, kCsi, kString, kStringEscape };

  size_t plain_run(std::string_view bytes) const;
  void byte(unsigned char c, std::string& out);
  void character(uint32_t code, std::string& out);
  void text(uint32_t code, std::string& out);
  void escape(uint32_t code);
  void csi(uint32_t code, std::string& out);
  void string(uint32_t code, std::string& out);
  void enter(State state);

  bool colours_;
  bool after_return_ = false;
  State state_ = State::kText;
  std::string sequence_;   // parameters of the open CSI
  size_t length_ = 0;      // characters of the open sequence
  uint32_t code_ = 0;      // the character being decoded
  int missing_ = 0;        // its bytes still to come
  uint32_t smallest_ = 0;  // the smallest code its length may stand for
};

// A whole text at once; carriage returns become newlines, so that nothing a program wrote is hidden
// by what it wrote over it.
std::string sanitize(std::string_view text, bool colours);

// A whole text as one line without colours: for names. Line breaks and tabs become spaces.
std::string one_line(std::string_view text);

}  // namespace ktl::cli
