#include "secrets/encoded_runs.h"

#include <algorithm>
#include <array>

namespace ktl::secrets {
namespace {

constexpr uint8_t kNone = 0xff;
using Table = std::array<uint8_t, 256>;

constexpr Table base64_table() {
  Table table{};
  table.fill(kNone);
  for (unsigned i = 0; i < 26; ++i) {
    table['A' + i] = static_cast<uint8_t>(i);
    table['a' + i] = static_cast<uint8_t>(26 + i);
  }
  for (unsigned i = 0; i < 10; ++i) {
    table['0' + i] = static_cast<uint8_t>(52 + i);
  }
  table['+'] = table['-'] = 62;
  table['/'] = table['_'] = 63;
  return table;
}

constexpr Table hex_table() {
  Table table{};
  table.fill(kNone);
  for (unsigned i = 0; i < 10; ++i) {
    table['0' + i] = static_cast<uint8_t>(i);
  }
  for (unsigned i = 0; i < 6; ++i) {
    table['a' + i] = table['A' + i] = static_cast<uint8_t>(10 + i);
  }
  return table;
}

constexpr Table kBase64 = base64_table();
constexpr Table kHex = hex_table();

uint8_t of(const Table& table, char c) { return table[static_cast<unsigned char>(c)]; }

}  // namespace

bool in_base64(char c) { return of(kBase64, c) != kNone; }

// Looks at the last character that a run from here would need, and backwards from it: most text is
// passed in steps of several bytes.
size_t next_run(std::string_view text, size_t from, size_t to) {
  size_t start = from;
  while (start < to && start + kShortestRun <= text.size()) {
    size_t at = start + kShortestRun;
    while (at > start && in_base64(text[at - 1])) {
      --at;
    }
    if (at == start) {
      return start;
    }
    start = at;
  }
  return to;
}

size_t run_end(std::string_view text, size_t from, size_t to) {
  size_t at = from;
  while (at < to && in_base64(text[at])) {
    ++at;
  }
  return at;
}

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return of(kHex, c) != kNone; });
}

void BitDecoder::decode(std::string_view text, std::string& out) {
  const Table& table = bits_ == 6 ? kBase64 : kHex;
  for (char c : text) {
    held_ = (held_ << bits_) | of(table, c);
    count_ += bits_;
    if (count_ >= 8) {
      count_ -= 8;
      out += static_cast<char>(held_ >> count_);
    }
  }
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text.substr(i + 1, 2))) {
      out += static_cast<char>(of(kHex, text[i + 1]) * 16 + of(kHex, text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace ktl::secrets
