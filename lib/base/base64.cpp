#include "base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ktl {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint8_t kNone = 64;

constexpr std::array<uint8_t, 256> make_values() {
  std::array<uint8_t, 256> values{};
  values.fill(kNone);
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    size_t used = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8U | (k < used ? static_cast<uint8_t>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += k <= used ? kAlphabet[group >> (18 - 6 * k) & 63U] : '=';
    }
  }
  return text;
}

Result<std::string> base64_decode(std::string_view text) {
  std::string_view digits = text.substr(0, text.find('='));
  size_t padding = text.size() - digits.size();
  bool whole = padding == 0 || (padding <= 2 && text.size() % 4 == 0);
  if (!whole || digits.size() % 4 == 1) {
    return Status(Code::kInvalidArgument, "not base64: wrong length");
  }
  std::string bytes;
  bytes.reserve(digits.size() / 4 * 3 + 2);
  uint32_t group = 0;
  unsigned bits = 0;
  for (char c : digits) {
    uint8_t value = kValues[static_cast<uint8_t>(c)];
    if (value == kNone) {
      return Status(Code::kInvalidArgument, "not base64: a character outside its alphabet");
    }
    group = group << 6U | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(group >> bits & 0xFFU);
    }
  }
  if (text.substr(digits.size()).find_first_not_of('=') != std::string_view::npos) {
    return Status(Code::kInvalidArgument, "not base64: text after its padding");
  }
  return bytes;
}

}  // namespace ktl
