#include "cli/ground.h"

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

}  // namespace

Result<FirstLook> first_look(const Invocation& invocation) {
  std::vector<Option> own = build_options();
  std::erase_if(own, [](const Option& option) { return !option.built; });
  FlagSet flags(std::move(own));
  KTL_ASSIGN(Parsed parsed, parse_known_flags(flags, invocation.args));
  KTL_ASSIGN(Settings settings, gather(flags, parsed, invocation.environment, {}));
  return FirstLook{std::move(settings), std::move(parsed.words)};
}

Settings settings_of(const std::optional<Project>& project) {
  Settings settings;
  if (project.has_value()) {
    for (const ProjectSetting& setting : project->settings) {
      Setting& slot = settings[setting.option];
      slot.words.insert(slot.words.end(), setting.words.begin(), setting.words.end());
      slot.origin = setting.origin;
    }
  }
  return settings;
}

Result<Ground> find_ground(const Invocation& invocation, const Settings& bootstrap,
                           const std::filesystem::path& context) {
  ProjectQuery query{.directory = invocation.directory, .context = context};
  std::string named = word_of(bootstrap, "project");
  if (!named.empty()) {
    query.named = absolute(invocation.directory, named);
  }
  KTL_ASSIGN(std::optional<Project> project, load_project(query));
  PluginSetup setup;
  KTL_ASSIGN(PluginFolder own, default_plugin_folder());
  setup.folders.push_back(std::move(own));
  for (PluginFolder& folder : named_folders(invocation, bootstrap)) {
    setup.folders.push_back(std::move(folder));
  }
  if (project.has_value()) {
    setup.wishes = project->plugins;
    setup.folders.insert(setup.folders.end(), project->plugin_dirs.begin(),
                         project->plugin_dirs.end());
  }
  // Without a home folder there is nowhere to keep the index; who needs one will say so.
  if (auto folders = default_plugin_folders(); folders.ok()) {
    setup.index = folders->cache / "plugin-index.json";
  }
  KTL_ASSIGN(PluginRegistry registry, PluginRegistry::discover(std::move(setup)));
  for (const std::string& warning : registry.warnings()) {
    invocation.console.err("warning: " + one_line(warning) + "\n");
  }
  return Ground{std::move(project), std::move(registry)};
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
