// Commands that plugins contribute: `ktl NAME ...` through ktl.command/1.
#include "cli/commands/command.h"
#include "cli/ground.h"
#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/options/build_options.h"
#include "cli/render/messages.h"
#include "cli/render/sanitize.h"
#include "core/bridge/isolated_plugin.h"
#include "core/document/schemas.h"
#include "core/pipeline/exit_code.h"
#include "core/plugins/services/local.h"

namespace ktl::cli {
namespace {

constexpr int64_t kGraceNs = 30'000'000'000;  // a command may have a daemon to end

// The id of the plugin in use that has the command; empty when none has.
std::string owner_of(const std::string& command, const PluginRegistry& registry) {
  for (const Manifest* manifest : registry.used()) {
    for (const PluginCommand& each : manifest->commands) {
      if (each.name == command) {
        return manifest->id;
      }
    }
  }
  return {};
}

// Flags after a plugin's command are the plugin's; only the environment says where to look.
Result<Ground> ground_of(const Invocation& invocation) {
  FlagSet flags(bootstrap_options());
  KTL_ASSIGN(Settings settings, gather(flags, {}, invocation.environment, {}));
  return find_ground(invocation, settings);
}

// The command's document, as the plugin is given it.
json::object command_of(const std::vector<std::string>& args, const Ground& ground) {
  json::array words(args.size() - 1);
  for (size_t i = 1; i < args.size(); ++i) {
    words[i - 1] = json::value(args[i]);
  }
  return {{"name", args[0]}, {"args", words}, {"registries", to_json(registries_of(ground))}};
}

// Runs it in a process of the plugin's own, when the user wants that, or here.
Result<json::value> run_in(PluginRegistry& registry, const std::string& owner,
                           const std::shared_ptr<const Host>& host, const json::object& command,
                           const CallContext& context) {
  auto is_owner = [&](const PluginEntry& entry) { return entry.manifest.id == owner; };
  KTL_ASSIGN(auto isolated, bridge::start_isolated(registry, *host, is_owner));
  if (!isolated.empty()) {
    return isolated.front()->invoke(verbs::kRun, command, context);
  }
  KTL_TRY(registry.start_those(host, context, is_owner));
  return registry.find(owner)->invoke(verbs::kRun, command, context);
}

// Whether a command needs the images in the store is not known: it is opened when it asks.
Result<std::shared_ptr<const Host>> host_of(const Invocation& invocation) {
  KTL_ASSIGN(auto made, make_host(print_messages(invocation.console), {}, nullptr));
  auto host = std::make_shared<Host>(*made);
  host->content = std::make_shared<const LazyContent>(made->content->folder());
  return std::shared_ptr<const Host>(std::move(host));
}

Result<json::value> call(const Invocation& invocation, Ground& ground, const std::string& owner,
                         const CallContext& context) {
  KTL_ASSIGN(auto host, host_of(invocation));
  KTL_ASSIGN(json::value answer,
             run_in(ground.registry, owner, host, command_of(invocation.args, ground), context));
  Status shape = check_document(verbs::kRun.out, answer);
  return shape.ok() ? Result<json::value>(std::move(answer))
                    : Status(Code::kInternal, "the answer of " + owner + ": " + shape.message());
}

// A plugin's failure: what it says of the input is usage, a signal is a signal, the rest is its
// own.
int exit_of(const Status& status, const CancelToken& cancel) {
  if (cancel.cancelled()) {
    return exit_of_signal(cancel.reason());
  }
  if (status.code() == Code::kInvalidArgument || status.code() == Code::kNotFound) {
    return kExitUsage;
  }
  bool builder = status.code() == Code::kUnavailable || status.code() == Code::kFailedPrecondition;
  return builder ? kExitBuilder : kExitPlugin;
}

}  // namespace

int run_contributed(const Invocation& invocation) {
  Result<Ground> ground = ground_of(invocation);
  if (!ground.ok()) {
    return fail(invocation.console, ground.status());
  }
  PluginRegistry& registry = ground->registry;
  std::string owner = owner_of(invocation.args[0], registry);
  if (owner.empty()) {
    return fail(invocation.console, unknown_command(invocation.args, registry));
  }
  Interrupts interrupts(invocation.console);
  CallContext context{.cancel = &interrupts.token(), .grace_ns = kGraceNs};
  Result<json::value> result = call(invocation, *ground, owner, context);
  if (!result.ok()) {
    return fail(invocation.console, result.status(), exit_of(result.status(), interrupts.token()));
  }
  invocation.console.out(sanitize(text_of(*result, "stdout"), false));
  return static_cast<int>(int_of(*result, "exit")) & 0xFF;
}

}  // namespace ktl::cli
