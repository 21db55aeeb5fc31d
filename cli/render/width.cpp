#include "cli/render/width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ktl::cli {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Unicode: general categories Mn and Me in common use, and zero width characters.
constexpr std::array<Range, 8> kZero = {{{0x0300, 0x036F},
                                         {0x0483, 0x0489},
                                         {0x0591, 0x05BD},
                                         {0x1AB0, 0x1AFF},
                                         {0x200B, 0x200D},
                                         {0x20D0, 0x20FF},
                                         {0xFE00, 0xFE0F},
                                         {0xFE20, 0xFE2F}}};
// UAX #11: wide and full width.
constexpr std::array<Range, 9> kWide = {{{0x1100, 0x115F},
                                         {0x2E80, 0x303E},
                                         {0x3041, 0x33FF},
                                         {0x3400, 0x4DBF},
                                         {0x4E00, 0xA4CF},
                                         {0xAC00, 0xD7A3},
                                         {0xFE30, 0xFE6F},
                                         {0xFF00, 0xFF60},
                                         {0x1F300, 0x1FAFF}}};

template <size_t N>
bool in(const std::array<Range, N>& ranges, uint32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [=](Range range) { return code >= range.first && code <= range.last; });
}

// The piece at `at`: one character or one colour sequence.
struct Piece {
  size_t bytes;
  size_t columns;
};

Piece piece_at(std::string_view text, size_t at) {
  auto lead = static_cast<unsigned char>(text[at]);
  if (lead == 0x1B) {
    size_t end = text.find('m', at);
    return {end == std::string_view::npos ? text.size() - at : end + 1 - at, 0};
  }
  size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  bytes = std::min(bytes, text.size() - at);
  uint32_t code = bytes == 1 ? lead : lead & (0x7FU >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  return {bytes, in(kZero, code) ? 0U : in(kWide, code) ? 2U : 1U};
}

}  // namespace

size_t width_of(std::string_view text) {
  size_t columns = 0;
  for (size_t at = 0; at < text.size();) {
    Piece piece = piece_at(text, at);
    columns += piece.columns;
    at += piece.bytes;
  }
  return columns;
}

std::string fit(std::string_view text, size_t columns) {
  bool cut = width_of(text) > columns;
  size_t room = cut && columns > 0 ? columns - 1 : columns;
  std::string out;
  bool coloured = false;
  for (size_t at = 0, used = 0; at < text.size();) {
    Piece piece = piece_at(text, at);
    used += piece.columns;
    if (used > room) {
      break;
    }
    coloured = coloured || text[at] == '\x1b';
    out += text[at] == '\t' ? std::string_view(" ") : text.substr(at, piece.bytes);
    at += piece.bytes;
  }
  out += cut && columns > 0 ? "…" : "";
  return coloured ? out + "\x1b[0m" : out;
}

}  // namespace ktl::cli
