// The words of protobuf's text format, with the places where they stand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/status.h"
#include "jail/message.h"

namespace ktl::jail {

enum class TokenKind : uint8_t { kEnd, kWord, kNumber, kString, kSign };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Place place;
  std::string text;  // a string without its quotes, its escapes undone
};

// A fault at a place of `file`: kInvalidArgument, "FILE:LINE:COLUMN".
Status fault(std::string_view file, Place place, std::string message);

// Takes a text apart, one token at a time; `text` and `file` must outlive it. A string ends in its
// line and has at most 64 KiB. Escapes are C's with \uXXXX and \UXXXXXXXX. Words, numbers: the
// token is as long as letters, digits, "_" and "." go; what they mean is the parser's to say.
class Tokens {
 public:
  Tokens(std::string_view file, std::string_view text) : file_(file), text_(text) {}

  Result<Token> next();

 private:
  void step();
  void skip_blank();
  Result<Token> quoted(Token token);
  Status escape(std::string& out);
  Status coded(std::string& out, size_t most, unsigned base, std::string_view what);
  Status rune(std::string& out, size_t digits);
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char here() const { return at_end() ? '\0' : text_[at_]; }

  std::string_view file_;
  std::string_view text_;
  size_t at_ = 0;
  Place place_{1, 1};
};

}  // namespace ktl::jail
