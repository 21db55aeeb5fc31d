#include "dockerfile/char_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

using namespace std::string_view_literals;

constexpr char32_t kLastRune = 0x10FFFF;
constexpr std::string_view kDigits = "09";
constexpr std::string_view kPerlSpace = "\t\n\f\r  ";
constexpr std::string_view kWord = "09AZ__az";

constexpr std::array kPosix = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"alnum", "09AZaz"},
    {"alpha", "AZaz"},
    {"ascii", "\0\x7F"sv},
    {"blank", "\t\t  "},
    {"cntrl", "\0\x1F\x7F\x7F"sv},
    {"digit", kDigits},
    {"graph", "!~"},
    {"lower", "az"},
    {"print", " ~"},
    {"punct", "!/:@[`{~"},
    {"space", "\t\r  "},
    {"upper", "AZ"},
    {"word", kWord},
    {"xdigit", "09AFaf"},
});

constexpr std::array kControl = std::to_array<std::pair<char, char>>({
    {'a', '\a'},
    {'f', '\f'},
    {'n', '\n'},
    {'r', '\r'},
    {'t', '\t'},
    {'v', '\v'},
});

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_octal(std::string_view text, size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '7';
}

Status bad_escape(std::string_view rest) {
  const size_t size = std::min(rest.size(), 1 + decode_rune(rest.substr(1)).width);
  return Status(Code::kInvalidArgument,
                "\"" + std::string(rest.substr(0, size)) + "\" does not escape anything");
}

// The digits of `text` in `base`, all of them, as a code point.
Result<char32_t> parse_number(std::string_view text, int base) {
  uint32_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || value > kLastRune) {
    return Status(Code::kInvalidArgument, "bad number in an escape");
  }
  return static_cast<char32_t>(value);
}

// \x41 and \x{1F600}.
Result<char32_t> parse_hex(std::string_view& rest) {
  std::string_view digits = rest.substr(2, 2);
  size_t size = 4;
  if (rest.substr(2, 1) == "{") {
    const size_t end = rest.find('}');
    if (end == std::string_view::npos) {
      return bad_escape(rest);
    }
    digits = rest.substr(3, end - 3);
    size = end + 1;
  }
  if (size > rest.size()) {
    return bad_escape(rest);
  }
  rest.remove_prefix(size);
  return parse_number(digits, 16);
}

// \123 and \0: at most three digits; one digit other than 0 would be a back reference.
Result<char32_t> parse_octal(std::string_view& rest) {
  if (rest[1] != '0' && !is_octal(rest, 2)) {
    return bad_escape(rest);
  }
  size_t end = 2;
  while (end < 4 && is_octal(rest, end)) {
    ++end;
  }
  const std::string_view digits = rest.substr(1, end - 1);
  rest.remove_prefix(end);
  return parse_number(digits, 8);
}

Result<char32_t> parse_class_char(std::string_view& rest) {
  if (rest.empty()) {
    return Status(Code::kInvalidArgument, "\"[\" without its \"]\"");
  }
  if (rest[0] == '\\') {
    return parse_escape(rest);
  }
  const Rune rune = decode_rune(rest);
  rest.remove_prefix(rune.width);
  return rune.value;
}

// Reads [:alpha:] at the start of `rest`; false when there is none.
Result<bool> parse_posix(std::string_view& rest, CharSet& set) {
  const size_t end = rest.starts_with("[:") ? rest.find(":]", 2) : std::string_view::npos;
  if (end == std::string_view::npos) {
    return false;
  }
  const std::string_view name = rest.substr(2, end - 2);
  if (!set.add_posix(name)) {
    return Status(Code::kInvalidArgument, "there is no class [:" + std::string(name) + ":]");
  }
  rest.remove_prefix(end + 2);
  return true;
}

// One character, or two of them with a dash between.
Status parse_range(std::string_view& rest, CharSet& set) {
  KTL_ASSIGN(const char32_t low, parse_class_char(rest));
  char32_t high = low;
  if (rest.size() >= 2 && rest[0] == '-' && rest[1] != ']') {
    rest.remove_prefix(1);
    KTL_ASSIGN(high, parse_class_char(rest));
    if (high < low) {
      return Status(Code::kInvalidArgument, "a range in \"[...]\" runs backwards");
    }
  }
  set.add(low, high);
  return {};
}

}  // namespace

CharSet CharSet::of(char32_t rune) {
  CharSet set;
  set.add(rune, rune);
  return set;
}

CharSet CharSet::all_but(char32_t rune) {
  CharSet set = of(rune);
  set.negate();
  return set;
}

bool CharSet::has(char32_t rune) const {
  return negated_ != std::ranges::any_of(ranges_, [rune](const Range& range) {
           return range.low <= rune && rune <= range.high;
         });
}

void CharSet::add_pairs(std::string_view pairs, bool complement) {
  char32_t next = 0;  // the first code point that no pair so far has covered
  for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const auto low = static_cast<char32_t>(pairs[i]);
    const auto high = static_cast<char32_t>(pairs[i + 1]);
    if (!complement) {
      add(low, high);
    } else if (low > next) {
      add(next, low - 1);
    }
    next = high + 1;
  }
  if (complement) {
    add(next, kLastRune);
  }
}

bool CharSet::add_perl(char letter) {
  switch (letter) {
    case 'd':
    case 'D':
      add_pairs(kDigits, letter == 'D');
      return true;
    case 's':
    case 'S':
      add_pairs(kPerlSpace, letter == 'S');
      return true;
    case 'w':
    case 'W':
      add_pairs(kWord, letter == 'W');
      return true;
    default:
      return false;
  }
}

bool CharSet::add_posix(std::string_view name) {
  const bool complement = name.starts_with('^');
  name.remove_prefix(complement ? 1 : 0);
  const auto* known = std::ranges::find(kPosix, name, [](const auto& row) { return row.first; });
  if (known == kPosix.end()) {
    return false;
  }
  add_pairs(known->second, complement);
  return true;
}

Result<char32_t> parse_escape(std::string_view& rest) {
  const char letter = rest.size() < 2 ? '\0' : rest[1];
  if (rest.size() < 2 || static_cast<unsigned char>(letter) >= 0x80) {
    return bad_escape(rest);
  }
  if (letter >= '0' && letter <= '7') {
    return parse_octal(rest);
  }
  if (letter == 'x') {
    return parse_hex(rest);
  }
  const auto* control =
      std::ranges::find(kControl, letter, [](const auto& row) { return row.first; });
  if (control == kControl.end() && is_alnum(letter)) {
    return bad_escape(rest);
  }
  rest.remove_prefix(2);
  return static_cast<char32_t>(control == kControl.end() ? letter : control->second);
}

Result<CharSet> parse_class(std::string_view& rest) {
  CharSet set;
  rest.remove_prefix(1);
  if (rest.starts_with('^')) {
    set.negate();
    rest.remove_prefix(1);
  }
  // The first character is never the end: "[]a]" is a class of "]" and "a".
  for (bool first = true; first || !rest.starts_with(']'); first = false) {
    KTL_ASSIGN(const bool named, parse_posix(rest, set));
    if (named) {
      continue;
    }
    if (rest.size() >= 2 && rest[0] == '\\' && set.add_perl(rest[1])) {
      rest.remove_prefix(2);
      continue;
    }
    KTL_TRY(parse_range(rest, set));
  }
  rest.remove_prefix(1);
  return set;
}

}  // namespace ktl::dockerfile
