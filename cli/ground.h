// User's config, project file and plugins: what one run of the program stands on.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/command.h"
#include "cli/options/flag_set.h"
#include "cli/request/settings.h"
#include "core/plugins/registry.h"
#include "core/project/project.h"

namespace ktl::cli {

// The files that were found, if any, and the plugins that they, ktl's own folder and --plugin-dir
// offer. Manifests are read, nothing is loaded.
struct Ground {
  std::optional<Project> user;     // config.yaml
  std::optional<Project> project;  // ktl.yaml
  PluginRegistry registry;
};

// `bootstrap`: settings of bootstrap_options(), and of --set where the command has it.
Result<Ground> find_ground(const Invocation& invocation, const Settings& bootstrap);

// The rules of both files; the project's for a name replaces the user's.
std::vector<RegistryRule> registries_of(const Ground& ground);
std::vector<BuilderRule> builders_of(const Ground& ground);

// The same plugins once more, for one more build: instances belong to a build.
Result<PluginRegistry> find_plugins(const Invocation& invocation, const Settings& bootstrap,
                                    const std::optional<Project>& user,
                                    const std::optional<Project>& project);

// The flags of `ktl build`, those of the plugins in use among them, and `more`.
Result<FlagSet> build_flags(const PluginRegistry& registry, const std::vector<Option>& more = {});

// $XDG_CONFIG_HOME/ktl/config.yaml; empty without a home folder.
std::filesystem::path user_config_file(const Environment& environment);

// Where trusted project files are on record; empty without a state folder.
std::filesystem::path trust_file();

// What flags and environment say about ktl's own options: a first look at `args`, before the flags
// of plugins are known.
Result<Settings> first_look(const Invocation& invocation);

// "unknown command x", or "x: not built yet", with the nearest name as advice.
Status unknown_command(const std::vector<std::string>& args, const PluginRegistry& registry);

// The commands of the plugins in use.
std::vector<PluginCommand> contributed_commands(const PluginRegistry& registry);

}  // namespace ktl::cli
