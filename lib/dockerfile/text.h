// Text as the Dockerfile format sees it: UTF-8 where bytes that are no UTF-8 count as U+FFFD, and
// Unicode's white space. Every function is pure: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::dockerfile {

// One code point and how many bytes it took. A byte that starts no valid sequence is U+FFFD of
// width 1; the end of the text is width 0.
struct Rune {
  char32_t value = 0;
  size_t width = 0;
};

Rune decode_rune(std::string_view text);
// Surrogates and values over U+10FFFF become U+FFFD.
void append_rune(std::string& out, char32_t rune);
std::u32string to_runes(std::string_view text);
std::string from_runes(std::u32string_view runes);

// White_Space of the Unicode Character Database (PropList.txt).
bool is_space(char32_t rune);
std::string_view trim_left(std::string_view text);
std::string_view trim_right(std::string_view text);
std::string_view trim(std::string_view text);

// Letters A to Z only, whatever the locale.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);

// At most `limit` pieces between runs of tab, vertical tab, form feed, carriage return and space;
// the last piece is the rest as it is. Never empty: "" gives one empty piece.
std::vector<std::string_view> split_blank(std::string_view text, size_t limit = SIZE_MAX);

}  // namespace ktl::dockerfile
