#include "secrets/value.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/sha256.h"

namespace ktl::secrets {
namespace {

constexpr size_t kBlock = 64;  // bytes of SHA-256's block

std::string bytes_of_hex(std::string_view hex) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

std::string hmac_hex(std::string_view key, std::string_view text) {
  std::string block = key.size() > kBlock ? bytes_of_hex(sha256_hex(key)) : std::string(key);
  block.resize(kBlock);
  std::string inner = block;
  std::string outer = block;
  for (size_t i = 0; i < kBlock; ++i) {
    inner[i] = static_cast<char>(inner[i] ^ 0x36);
    outer[i] = static_cast<char>(outer[i] ^ 0x5c);
  }
  inner += text;
  return sha256_hex(outer + bytes_of_hex(sha256_hex(inner)));
}

}  // namespace

double entropy(std::string_view value) {
  std::array<uint32_t, 256> counts{};
  for (char c : value) {
    ++counts[static_cast<unsigned char>(c)];
  }
  double bits = 0;
  for (uint32_t count : counts) {
    if (count != 0) {
      const double share = static_cast<double>(count) / static_cast<double>(value.size());
      bits -= share * std::log2(share);
    }
  }
  return bits;
}

bool passes(Check check, std::string_view value) {
  return check == Check::kNone ||
         (!is_placeholder(value) && (check == Check::kPlaceholder || !is_code(value)));
}

std::string masked(std::string_view before) {
  constexpr size_t kMost = 60;
  std::string shown;
  for (char c : before.substr(before.size() - std::min(before.size(), kMost))) {
    shown += c >= 0x20 && c < 0x7f ? c : ' ';
  }
  return shown + "...";
}

std::string keyed_hash(std::string_view key, std::string_view rule, std::string_view value) {
  std::string text(rule);
  text += '\0';
  text += value;
  return "hmac:" + hmac_hex(key, text).substr(0, 32);
}

}  // namespace ktl::secrets
