// How content that a locked build may have is called by who serves it and by who leads there.
#pragma once

#include <string>
#include <string_view>

namespace ktl::lock {

// 64 hexadecimal digits for what `step` (instruction_of() its name; empty: an ADD) gets from `url`,
// however that is spelled. One URL may be another content to another step.
std::string kept_name(std::string_view step, std::string_view url);

// One URL is written in several ways, with its scheme's own port or without: one of them. What is
// no URL stays as it is.
std::string spelling(std::string_view url);

}  // namespace ktl::lock
