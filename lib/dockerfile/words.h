// How an instruction's text falls into flags and words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ktl::dockerfile {

// `--name` or `--name=value` in front of an instruction's arguments.
struct Flag {
  std::string name;   // without the dashes
  std::string value;  // empty when there is none
  bool has_value = false;

  bool operator==(const Flag&) const = default;
};

// Words between white space. Quotes and escapes keep white space inside a word and stay in it, for
// they are taken away when variables are put in.
std::vector<std::string> split_words(std::string_view text, char escape);

// The flags at the start of `text`, which is moved behind them. Quotes and escapes are resolved.
// A lone `--` ends the flags and is dropped. White space and escapes are looked for byte by byte,
// and each byte counts as the code point of its number: that is how the frontend reads flags.
std::vector<Flag> take_flags(std::string_view& text, char escape);

}  // namespace ktl::dockerfile
