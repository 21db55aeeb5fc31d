#include "core/bridge/isolated_plugin.h"

#include "core/bridge/environment.h"

namespace ktl::bridge {
namespace {

constexpr int64_t kMaxData = int64_t{2} << 30;

// Neither credentials, secrets, builders nor the terminal: who needs them runs in the keeper or the
// worker.
std::shared_ptr<const Host> host_for_isolated(const Host& host) {
  auto less = std::make_shared<Host>(host);
  less->auth = nullptr;
  less->secrets = nullptr;
  less->builders = nullptr;
  less->terminal = nullptr;
  return less;
}

}  // namespace

Result<std::unique_ptr<IsolatedPlugin>> IsolatedPlugin::start(PluginOrder order, const Host& host,
                                                              std::string program) {
  const std::string& id = order.manifest.id;
  KTL_ASSIGN(auto process, PluginProcess::start({.name = "plugin " + id,
                                                 .plugin = id,
                                                 .program = std::move(program),
                                                 .environment = isolated_environment()}));
  KTL_TRY(process->greet({.host = host_for_isolated(host), .environment = {}, .memory = kMaxData}));
  KTL_ASSIGN(auto plugin, RemotePlugin::load(*process, order, true));
  return std::unique_ptr<IsolatedPlugin>(
      new IsolatedPlugin(std::move(process), std::move(plugin), std::move(order)));
}

Result<std::vector<std::unique_ptr<IsolatedPlugin>>> start_isolated(
    PluginRegistry& registry, const Host& host, const PluginRegistry::Pick& pick) {
  KTL_ASSIGN(auto orders, registry.order_those([&](const PluginEntry& entry) {
    return entry.isolate && pick(entry);
  }));
  std::vector<std::unique_ptr<IsolatedPlugin>> plugins;
  for (PluginOrder& order : orders) {
    KTL_ASSIGN(auto plugin, IsolatedPlugin::start(std::move(order), host));
    plugins.push_back(std::move(plugin));
  }
  return plugins;
}

}  // namespace ktl::bridge
