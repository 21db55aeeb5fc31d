// Help, made from the tables.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/options/flag_set.h"

namespace ktl::cli {

// All commands; `contributed` are those of plugins.
std::string program_help(const std::vector<PluginCommand>& contributed);

// One command with its flags by group, those of plugins among them. Names that are not built yet
// are left out.
std::string command_help(const Command& command, const FlagSet& flags);

}  // namespace ktl::cli
