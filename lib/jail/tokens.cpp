#include "jail/tokens.h"

namespace ktl::jail {
namespace {

constexpr size_t kLongestString = 64U << 10U;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// 0 to 35, or 36 for what is no digit of any base.
unsigned digit_of(char c) {
  if (is_digit(c)) {
    return static_cast<unsigned>(c - '0');
  }
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'z' ? static_cast<unsigned>(low - 'a') + 10 : 36;
}

void append_utf8(std::string& out, uint32_t rune) {
  const auto tail = [&](unsigned shift) {
    out += static_cast<char>(0x80U | ((rune >> shift) & 0x3FU));
  };
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0U | (rune >> 6U));
    tail(0);
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0U | (rune >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (rune >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

// What a letter after a backslash stands for, '\0' when it is none of the simple ones.
char simple_escape(char c) {
  constexpr std::string_view kLetters = "abfnrtv\\'\"?";
  constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\'\"?";
  const size_t at = kLetters.find(c);
  return at == std::string_view::npos ? '\0' : kMeaning[at];
}

std::string shown(char c) {
  if (c >= ' ' && c < 0x7F) {
    return std::string("'") + c + "'";
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return std::string("the byte 0x") + kHex[byte >> 4U] + kHex[byte & 15U];
}

}  // namespace

Status fault(std::string_view file, Place place, std::string message) {
  std::string where(file);
  if (place.line > 0) {
    where += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  return Status(Code::kInvalidArgument, std::move(message)).at(std::move(where));
}

void Tokens::step() {
  place_ = here() == '\n' ? Place{place_.line + 1, 1} : Place{place_.line, place_.column + 1};
  ++at_;
}

void Tokens::skip_blank() {
  constexpr std::string_view kBlank = " \t\r\n\v\f";
  bool comment = false;
  while (!at_end() && (comment || here() == '#' || kBlank.find(here()) != kBlank.npos)) {
    comment = (comment || here() == '#') && here() != '\n';
    step();
  }
}

Result<Token> Tokens::next() {
  skip_blank();
  Token token{TokenKind::kEnd, place_, {}};
  if (at_end()) {
    return token;
  }
  const char first = here();
  if (first == '"' || first == '\'') {
    return quoted(std::move(token));
  }
  if (is_letter(first) || is_digit(first)) {
    token.kind = is_digit(first) ? TokenKind::kNumber : TokenKind::kWord;
    while (is_letter(here()) || is_digit(here()) || here() == '.') {
      token.text += here();
      step();
    }
    return token;
  }
  if (std::string_view(":{}<>[],;-").find(first) == std::string_view::npos) {
    return fault(file_, place_, shown(first) + " has no meaning here");
  }
  token.kind = TokenKind::kSign;
  token.text = first;
  step();
  return token;
}

Result<Token> Tokens::quoted(Token token) {
  token.kind = TokenKind::kString;
  const char quote = here();
  step();
  while (here() != quote || at_end()) {
    if (at_end() || here() == '\n') {
      return fault(file_, token.place, "the text that begins here has no end in its line");
    }
    if (token.text.size() >= kLongestString) {
      return fault(file_, token.place, "a text of more than 64 KiB");
    }
    const char c = here();
    step();
    if (c == '\\') {
      KTL_TRY(escape(token.text));
    } else {
      token.text += c;
    }
  }
  step();
  return token;
}

Status Tokens::escape(std::string& out) {
  const char c = here();
  if (const char simple = simple_escape(c); !at_end() && simple != '\0') {
    out += simple;
    step();
    return {};
  }
  if (c >= '0' && c <= '7') {
    return coded(out, 3, 8, "octal");
  }
  if (c == 'x' || c == 'X') {
    step();
    return coded(out, 2, 16, "hexadecimal");
  }
  if (c == 'u' || c == 'U') {
    step();
    return rune(out, c == 'u' ? 4 : 8);
  }
  return fault(file_, place_, "no such escape: a backslash before " + shown(c));
}

Status Tokens::coded(std::string& out, size_t most, unsigned base, std::string_view what) {
  unsigned value = 0;
  size_t digits = 0;
  for (; digits < most && digit_of(here()) < base; ++digits) {
    value = value * base + digit_of(here());
    step();
  }
  if (digits == 0 || value > 0xFF) {
    return fault(file_, place_, "no " + std::string(what) + " number of a byte");
  }
  out += static_cast<char>(value);
  return {};
}

Status Tokens::rune(std::string& out, size_t digits) {
  uint32_t value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (digit_of(here()) > 15) {
      return fault(file_, place_,
                   std::to_string(digits) + " hexadecimal digits have to stand here");
    }
    value = value * 16 + digit_of(here());
    step();
  }
  if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
    return fault(file_, place_, "no character has this number");
  }
  append_utf8(out, value);
  return {};
}

}  // namespace ktl::jail
