// The words after `ktl builder`.
#pragma once

#include <string>
#include <vector>

#include "base/subcommand.h"

namespace ktl::builder {

// As parse_subcommand, by the table of `ktl builder`.
Result<CommandLine> parse_command_line(const std::vector<std::string>& words);

// What `ktl builder --help` says.
std::string command_help();

}  // namespace ktl::builder
