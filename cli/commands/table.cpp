#include <algorithm>

#include "cli/commands/command.h"
#include "cli/options/build_options.h"
#include "cli/options/common_options.h"
#include "cli/sandbox_room.h"

namespace ktl::cli {
namespace {

std::vector<Command> built() {
  return {
      {"build", "[CONTEXT|TARGET...]", "build a folder, or targets of ktl.yaml", run_build,
       build_options},
      {"build sandbox", "doctor", "check whether the sandbox of a build really stands",
       run_sandbox_doctor, sandbox_doctor_options},
      {"sandbox exec", "-- CMD [ARG...]", "run a command inside the sandbox of a build",
       run_sandbox_exec, sandbox_exec_options},
      {"config show", "[TARGET]", "what files, profile and environment set", run_config_show,
       config_show_options},
      {"config schema", "", "JSON Schema of ktl.yaml, for editors", run_config_schema, no_options},
      {"config trust", "FILE", "believe a project file as it is now", run_config_trust,
       config_trust_options},
      {"doctor", "", "check what ktl needs and say what to do about it", run_doctor,
       doctor_options},
      {"plugin list", "", "the plugins there are", run_plugin_list, plugin_options},
      {"plugin show", "ID", "one plugin: version, digest, flags, configuration", run_plugin_show,
       plugin_options},
      {"plugin check", "FILE.so", "drive a plugin through the contract and say what it breaks",
       run_plugin_check, plugin_check_options},
      {"plugin new", "DIR", "write a plugin to start from", run_plugin_new, plugin_new_options},
      {"lock", "[CONTEXT|TARGET...]", "write down what a build is made from, byte for byte",
       run_lock, lock_options},
      {"login", "[REGISTRY]", "keep credentials for a registry, once it has taken them", run_login,
       login_options},
      {"logout", "[REGISTRY]", "forget the credentials for a registry", run_logout, logout_options},
      {"build login", "[REGISTRY]", "the same as ktl login", run_login, login_options},
      {"build logout", "[REGISTRY]", "the same as ktl logout", run_logout, logout_options},
      {"version", "", "version of ktl and of its plugin contract", run_version, json_options},
      {"completion", "bash|zsh|fish", "the script that completes ktl's words in a shell",
       run_completion, no_options},
      {"help", "[COMMAND]", "how to use ktl or one of its commands; --man: as a manual page",
       run_help, no_options},
      {"__complete", "[WORD ...]", "", run_complete, no_options, true},
      {"__look", "WORKDIR PORT [PATH...]", "", run_sandbox_look, no_options, true},
  };
}

// Promised in the documents, not there yet; a plugin that contributes one of the names takes it.
constexpr std::string_view kLater[] = {"init",           "why",
                                       "cache inspect",  "cache plan",
                                       "cache warm",     "cache prune",
                                       "capture show",   "capture diff",
                                       "capture replay", "capture query",
                                       "capture export", "capture verify",
                                       "capture gc",     "view",
                                       "verify",         "resume",
                                       "sbom show",      "sbom diff",
                                       "policy test",    "policy eval",
                                       "policy explain", "policy input",
                                       "secrets scan",   "secrets rules",
                                       "secrets test",   "mcp"};

std::vector<Command> all() {
  std::vector<Command> table = built();
  for (std::string_view name : kLater) {
    table.push_back({.name = std::string(name)});
  }
  return table;
}

bool begins_with(const std::vector<std::string>& args, const std::string& name) {
  size_t space = name.find(' ');
  if (space == std::string::npos) {
    return !args.empty() && args[0] == name;
  }
  return args.size() > 1 && args[0] == name.substr(0, space) && args[1] == name.substr(space + 1);
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> table = all();
  return table;
}

const Command* find_command(const std::vector<std::string>& args) {
  const Command* found = nullptr;
  for (const Command& command : commands()) {
    if (begins_with(args, command.name) &&
        (found == nullptr || command.name.size() > found->name.size())) {
      found = &command;
    }
  }
  return found;
}

}  // namespace ktl::cli
