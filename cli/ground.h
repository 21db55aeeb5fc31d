// Project file and plugins: what one run of the program stands on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/request/settings.h"
#include "core/plugins/registry.h"
#include "core/project/project.h"

namespace ktl::cli {

// The project file, if there is one, and the plugins that it, ktl's own folder and --plugin-dir
// offer. Manifests are read, nothing is loaded.
struct Ground {
  std::optional<Project> project;
  PluginRegistry registry;
};

// `bootstrap`: settings of bootstrap_options(). `context`: absolute, empty when nothing is built;
// it decides how far a project file is trusted.
Result<Ground> find_ground(const Invocation& invocation, const Settings& bootstrap,
                           const std::filesystem::path& context = {});

// What flags and environment say about ktl's own options, and the words that seem to be operands:
// a first look at `args`, before the flags of plugins are known.
struct FirstLook {
  Settings settings;
  std::vector<std::string> words;
};
Result<FirstLook> first_look(const Invocation& invocation);

// What the project file sets, by option name.
Settings settings_of(const std::optional<Project>& project);

// "unknown command x", or "x: not built yet", with the nearest name as advice.
Status unknown_command(const std::vector<std::string>& args, const PluginRegistry& registry);

// The commands of the plugins in use.
std::vector<PluginCommand> contributed_commands(const PluginRegistry& registry);

}  // namespace ktl::cli
