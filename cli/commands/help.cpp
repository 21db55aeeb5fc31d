#include "cli/commands/help_text.h"
#include "cli/commands/man_page.h"
#include "cli/ground.h"
#include "cli/options/build_options.h"
#include "cli/render/sanitize.h"

namespace ktl::cli {
namespace {

// Help works without plugins and project: when they cannot be read, it says so and goes on.
Result<PluginRegistry> plugins_for_help(const Invocation& invocation) {
  Result<Ground> ground = find_ground(invocation, {});
  if (ground.ok()) {
    return std::move(ground->registry);
  }
  std::string why = one_line(ground.status().message());
  invocation.console.err("warning: plugins are not shown: " + why + "\n");
  return PluginRegistry::discover({});
}

Status contribute(const PluginRegistry& registry, FlagSet& flags) {
  for (const Manifest* manifest : registry.used()) {
    KTL_TRY(flags.contribute(*manifest));
  }
  return {};
}

Result<std::string> help_for(const Invocation& invocation) {
  KTL_ASSIGN(PluginRegistry registry, plugins_for_help(invocation));
  if (invocation.args.empty()) {
    return program_help(contributed_commands(registry));
  }
  if (invocation.args == std::vector<std::string>{"--man"}) {
    FlagSet build(build_options());
    KTL_TRY(contribute(registry, build));
    return man_page(build, contributed_commands(registry));
  }
  const Command* command = find_command(invocation.args);
  if (command == nullptr || command->run == nullptr) {
    return unknown_command(invocation.args, registry);
  }
  if (command->options != build_options) {
    return command_help(*command, FlagSet(command->options()));
  }
  KTL_ASSIGN(FlagSet flags, build_flags(registry));
  return command_help(*command, flags);
}

}  // namespace

int run_help(const Invocation& invocation) {
  Result<std::string> text = help_for(invocation);
  if (!text.ok()) {
    return fail(invocation.console, text.status());
  }
  invocation.console.out(*text);
  return 0;
}

}  // namespace ktl::cli
