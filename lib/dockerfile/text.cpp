#include "dockerfile/text.h"

#include <algorithm>
#include <array>

namespace ktl::dockerfile {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::string_view kBlank = "\t\v\f\r ";

bool is_surrogate(char32_t rune) { return rune >= 0xD800 && rune <= 0xDFFF; }

// How many bytes a sequence has that starts with `lead`; 0 when none may.
size_t sequence_width(unsigned char lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return 2;
  }
  if ((lead & 0xF0U) == 0xE0) {
    return 3;
  }
  return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

}  // namespace

Rune decode_rune(std::string_view text) {
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  constexpr std::array<unsigned char, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  if (text.empty()) {
    return {};
  }
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t width = sequence_width(lead);
  if (width == 0 || text.size() < width) {
    return {kReplacement, 1};
  }
  char32_t rune = lead & kLeadBits[width];
  for (size_t i = 1; i < width; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) {
      return {kReplacement, 1};
    }
    rune = (rune << 6U) | (next & 0x3FU);
  }
  if (rune < kSmallest[width] || rune > 0x10FFFF || is_surrogate(rune)) {
    return {kReplacement, 1};
  }
  return {rune, width};
}

void append_rune(std::string& out, char32_t rune) {
  if (rune > 0x10FFFF || is_surrogate(rune)) {
    rune = kReplacement;
  }
  const auto low_bits = [&out, rune](unsigned shift) {
    out += static_cast<char>(0x80U | ((rune >> shift) & 0x3FU));
  };
  if (rune < 0x80) {
    out += static_cast<char>(rune);
  } else if (rune < 0x800) {
    out += static_cast<char>(0xC0U | (rune >> 6U));
    low_bits(0);
  } else if (rune < 0x10000) {
    out += static_cast<char>(0xE0U | (rune >> 12U));
    low_bits(6);
    low_bits(0);
  } else {
    out += static_cast<char>(0xF0U | (rune >> 18U));
    low_bits(12);
    low_bits(6);
    low_bits(0);
  }
}

std::u32string to_runes(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Rune rune = decode_rune(text);
    out += rune.value;
    text.remove_prefix(rune.width);
  }
  return out;
}

std::string from_runes(std::u32string_view runes) {
  std::string out;
  out.reserve(runes.size());
  for (const char32_t rune : runes) {
    append_rune(out, rune);
  }
  return out;
}

bool is_space(char32_t rune) {
  if (rune <= 0xFF) {
    return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0;
  }
  return rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

std::string_view trim_left(std::string_view text) {
  for (Rune rune = decode_rune(text); rune.width > 0 && is_space(rune.value);
       rune = decode_rune(text)) {
    text.remove_prefix(rune.width);
  }
  return text;
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty()) {
    size_t start = text.size() - 1;  // of the last rune: at most three continuation bytes back
    while (start > 0 && text.size() - start < 4 &&
           (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80) {
      --start;
    }
    const Rune rune = decode_rune(text.substr(start));
    if (rune.width != text.size() - start || !is_space(rune.value)) {
      break;
    }
    text.remove_suffix(rune.width);
  }
  return text;
}

std::string_view trim(std::string_view text) { return trim_right(trim_left(text)); }

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

std::string to_upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return out;
}

std::vector<std::string_view> split_blank(std::string_view text, size_t limit) {
  std::vector<std::string_view> pieces;
  while (pieces.size() + 1 < limit) {
    const size_t blank = text.find_first_of(kBlank);
    if (blank == std::string_view::npos) {
      break;
    }
    pieces.push_back(text.substr(0, blank));
    const size_t next = text.find_first_not_of(kBlank, blank);
    text = next == std::string_view::npos ? std::string_view() : text.substr(next);
  }
  pieces.push_back(text);
  return pieces;
}

}  // namespace ktl::dockerfile
