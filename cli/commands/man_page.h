// The manual page ktl(1), made from the tables.
#pragma once

#include <string>
#include <vector>

#include "cli/options/flag_set.h"

namespace ktl::cli {

// roff with the man macros (man(7)). `build`: all flags of `ktl build`; `contributed`: the commands
// of plugins.
std::string man_page(const FlagSet& build, const std::vector<PluginCommand>& contributed);

}  // namespace ktl::cli
