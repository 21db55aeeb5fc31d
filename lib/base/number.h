// Numbers as people write them after flags and into files.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ktl {

// All of `text` as a decimal number, which may begin with "-". Nothing when it is anything else or
// does not fit. [any thread]
inline std::optional<int64_t> whole_number(std::string_view text) {
  int64_t number = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  return error == std::errc() && end == last ? std::optional(number) : std::nullopt;
}

}  // namespace ktl
