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

// Parts of it: "-f, --file FILE" with room for a letter; what a flag is for, its words and aliases;
// the groups of built flags in the order in which they first appear.
std::string usage_of(const Option& option);
std::string about(const Option& option);
std::vector<std::string> groups_of(const FlagSet& flags);

}  // namespace ktl::cli
