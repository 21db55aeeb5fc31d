#include "yaml/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace ktl {
namespace {

constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> kTrue = {"true", "True", "TRUE"};
constexpr std::array<std::string_view, 3> kFalse = {"false", "False", "FALSE"};
constexpr std::array<std::string_view, 6> kNotFinite = {".inf", ".Inf", ".INF",
                                                        ".nan", ".NaN", ".NAN"};

template <class List>
bool contains(const List& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

bool all_of(std::string_view text, bool (*accept)(char)) {
  return !text.empty() && std::ranges::all_of(text, accept);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_octal(char c) { return c >= '0' && c <= '7'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '-' || text[0] == '+') ? text.substr(1) : text;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  auto exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    if (!all_of(without_sign(text.substr(exponent + 1)), is_digit)) {
      return false;
    }
    text = text.substr(0, exponent);
  }
  auto point = text.find('.');
  if (point == std::string_view::npos) {
    return all_of(text, is_digit);
  }
  auto whole = text.substr(0, point);
  auto fraction = text.substr(point + 1);
  bool whole_fits = whole.empty() || all_of(whole, is_digit);
  bool fraction_fits = fraction.empty() || all_of(fraction, is_digit);
  return whole_fits && fraction_fits && !(whole.empty() && fraction.empty());
}

Status too_large(std::string_view text) {
  return Status(Code::kInvalidArgument,
                "the number " + std::string(text.substr(0, 64)) + " does not fit into 64 bits")
      .advise("put quotes around it if it is text");
}

Result<json::value> integer(std::string_view text, std::string_view digits, int base) {
  int64_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  return error == std::errc() && end == digits.data() + digits.size() ? Result<json::value>(number)
                                                                      : too_large(text);
}

Result<json::value> floating(std::string_view text) {
  auto digits = text.starts_with('+') ? text.substr(1) : text;
  double number = 0;
  auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return parsed.ec == std::errc() && std::isfinite(number) ? Result<json::value>(number)
                                                           : too_large(text);
}

}  // namespace

Result<json::value> yaml_scalar(std::string_view text) {
  if (contains(kNulls, text)) {
    return json::value(nullptr);
  }
  if (contains(kTrue, text) || contains(kFalse, text)) {
    return json::value(contains(kTrue, text));
  }
  if (all_of(without_sign(text), is_digit)) {
    return integer(text, text.starts_with('+') ? text.substr(1) : text, 10);
  }
  if (text.starts_with("0o") && all_of(text.substr(2), is_octal)) {
    return integer(text, text.substr(2), 8);
  }
  if (text.starts_with("0x") && all_of(text.substr(2), is_hex)) {
    return integer(text, text.substr(2), 16);
  }
  if (is_float(text)) {
    return floating(text);
  }
  if (contains(kNotFinite, without_sign(text))) {
    return Status(Code::kInvalidArgument, std::string(text) + " is no number that JSON can hold")
        .advise("put quotes around it if it is text");
  }
  return json::value(json::string_view(text.data(), text.size()));
}

}  // namespace ktl
