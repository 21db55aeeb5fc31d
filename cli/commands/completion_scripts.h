// What the shells need to ask ktl itself.
#pragma once

#include <string_view>

namespace ktl::cli {

// The script for "bash", "zsh" or "fish" (bash 3.2, zsh 5, fish 3.4 or later); empty for others.
// Candidates are data to it: nothing that ktl prints is ever evaluated.
std::string_view completion_script(std::string_view shell);

}  // namespace ktl::cli
