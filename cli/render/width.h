// How much room a text takes on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace ktl::cli {

// Columns that sanitized UTF-8 `text` takes: colours and combining marks none, East Asian wide
// characters and emoji two, a tab one.
size_t width_of(std::string_view text);

// `text` cut to `columns`, the last of them "…" when something was cut; colours that were open are
// reset. Tabs become spaces.
std::string fit(std::string_view text, size_t columns);

}  // namespace ktl::cli
