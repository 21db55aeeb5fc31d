#include "cli/ground.h"

#include <algorithm>

#include "base/suggest.h"
#include "cli/options/build_options.h"
#include "cli/render/sanitize.h"
#include "cli/request/convert.h"
#include "core/plugins/host.h"

namespace ktl::cli {
namespace {

std::vector<PluginFolder> named_folders(const Invocation& invocation, const Settings& bootstrap) {
  std::vector<PluginFolder> folders;
  auto found = bootstrap.find("plugin-dir");
  if (found == bootstrap.end()) {
    return folders;
  }
  for (const std::string& word : found->second.words) {
    for (const std::string& folder : split_commas(word)) {
      folders.push_back({absolute(invocation.directory, folder), found->second.origin, true});
    }
  }
  return folders;
}

std::vector<Override> overrides_of(const Invocation& invocation, const Settings& bootstrap) {
  std::vector<Override> overrides;
  if (auto found = bootstrap.find("set"); found != bootstrap.end()) {
    for (const std::string& word : found->second.words) {
      overrides.push_back({word, invocation.directory.native()});
    }
  }
  return overrides;
}

// A rule of the project replaces the user's for the same thing.
template <class Rule, class Key>
std::vector<Rule> merged(const std::optional<Project>& user, const std::optional<Project>& project,
                         std::vector<Rule> Project::* rules, Key key) {
  std::vector<Rule> all = project ? (*project).*rules : std::vector<Rule>();
  for (const Rule& rule : user ? (*user).*rules : std::vector<Rule>()) {
    if (std::ranges::find(all, rule.*key, key) == all.end()) {
      all.push_back(rule);
    }
  }
  return all;
}

}  // namespace

std::vector<RegistryRule> registries_of(const Ground& ground) {
  return merged(ground.user, ground.project, &Project::registries, &RegistryRule::host);
}

std::vector<BuilderRule> builders_of(const Ground& ground) {
  return merged(ground.user, ground.project, &Project::builders, &BuilderRule::name);
}

Result<FlagSet> build_flags(const PluginRegistry& registry, const std::vector<Option>& more) {
  std::vector<Option> own = build_options();
  own.insert(own.end(), more.begin(), more.end());
  FlagSet flags(std::move(own));
  for (const Manifest* manifest : registry.used()) {
    KTL_TRY(flags.contribute(*manifest));
  }
  return flags;
}

std::filesystem::path user_config_file(const Environment& environment) {
  std::filesystem::path folder = environment.text("XDG_CONFIG_HOME");
  std::filesystem::path home = environment.text("HOME");
  if (!folder.is_absolute()) {  // the XDG specification says to ignore such a one
    folder = home.is_absolute() ? home / ".config" : std::filesystem::path();
  }
  return folder.empty() ? folder : folder / "ktl" / "config.yaml";
}

std::filesystem::path trust_file() {
  auto folders = default_plugin_folders();
  return folders.ok() ? folders->state / "trust.json" : std::filesystem::path();
}

Result<Settings> first_look(const Invocation& invocation) {
  std::vector<Option> own = build_options();
  std::erase_if(own, [](const Option& option) { return !option.built; });
  FlagSet flags(std::move(own));
  KTL_ASSIGN(Parsed parsed, parse_known_flags(flags, invocation.args));
  return gather(flags, parsed, invocation.environment, {});
}

Result<PluginRegistry> find_plugins(const Invocation& invocation, const Settings& bootstrap,
                                    const std::optional<Project>& user,
                                    const std::optional<Project>& project) {
  PluginSetup setup;
  KTL_ASSIGN(PluginFolder own, default_plugin_folder());
  setup.folders.push_back(std::move(own));
  for (PluginFolder& folder : named_folders(invocation, bootstrap)) {
    setup.folders.push_back(std::move(folder));
  }
  for (const auto* file : {&user, &project}) {
    if (*file) {
      setup.wishes.insert(setup.wishes.end(), (*file)->plugins.begin(), (*file)->plugins.end());
      setup.folders.insert(setup.folders.end(), (*file)->plugin_dirs.begin(),
                           (*file)->plugin_dirs.end());
    }
  }
  // Without a home folder there is nowhere to keep the index; who needs one will say so.
  if (auto folders = default_plugin_folders(); folders.ok()) {
    setup.index = folders->cache / "plugin-index.json";
  }
  KTL_ASSIGN(PluginRegistry registry, PluginRegistry::discover(std::move(setup)));
  for (const std::string& warning : registry.warnings()) {
    invocation.console.err("warning: " + one_line(warning) + "\n");
  }
  return registry;
}

Result<Ground> find_ground(const Invocation& invocation, const Settings& bootstrap) {
  ProjectQuery query{.named = {},
                     .directory = invocation.directory,
                     .trust_records = trust_file(),
                     .overrides = overrides_of(invocation, bootstrap)};
  if (std::string named = word_of(bootstrap, "project"); !named.empty()) {
    query.named = absolute(invocation.directory, named);
  }
  std::optional<Project> user;
  if (auto file = user_config_file(invocation.environment); !file.empty()) {
    KTL_ASSIGN(user, load_user_config(file));
  }
  KTL_ASSIGN(std::optional<Project> project, load_project(query));
  KTL_ASSIGN(PluginRegistry registry, find_plugins(invocation, bootstrap, user, project));
  return Ground{std::move(user), std::move(project), std::move(registry)};
}

std::vector<PluginCommand> contributed_commands(const PluginRegistry& registry) {
  std::vector<PluginCommand> all;
  for (const Manifest* manifest : registry.used()) {
    all.insert(all.end(), manifest->commands.begin(), manifest->commands.end());
  }
  return all;
}

Status unknown_command(const std::vector<std::string>& args, const PluginRegistry& registry) {
  const Command* later = find_command(args);
  if (later != nullptr) {
    return Status(Code::kInvalidArgument, "ktl " + later->name + ": not built yet")
        .advise("`ktl help` lists what this version of ktl can do");
  }
  std::string name = args.empty() ? "" : args[0];
  std::vector<std::string> known;
  for (const Command& command : commands()) {
    known.push_back(command.name.substr(0, command.name.find(' ')));
    if (known.back() == name) {
      name += args.size() > 1 ? " " + args[1] : "";
      known.push_back(command.name);
    }
  }
  for (const PluginCommand& command : contributed_commands(registry)) {
    known.push_back(command.name);
  }
  std::string advice = did_you_mean(name, known);
  return Status(Code::kInvalidArgument, "unknown command " + name)
      .advise(advice.empty() ? "`ktl help` lists the commands" : advice);
}

}  // namespace ktl::cli
