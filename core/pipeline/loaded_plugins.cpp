#include "core/pipeline/loaded_plugins.h"

namespace ktl {
namespace {

class LoadedPlugin : public StagePlugin {
 public:
  explicit LoadedPlugin(Plugin& plugin)
      : plugin_(plugin), identity_{plugin.id(), plugin.manifest().version, plugin.sha256()} {}

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_.invoke(verb, document, context);
  }

 private:
  Plugin& plugin_;
  PluginIdentity identity_;
};

}  // namespace

LoadedPlugins::LoadedPlugins(const PluginRegistry& registry) {
  for (Plugin* plugin : registry.started()) {
    owned_.push_back(std::make_unique<LoadedPlugin>(*plugin));
    StagePlugin* stage = owned_.back().get();
    plugins_.all.push_back(stage->identity());
    if (plugin->provides(KTL_SOLVE_ID)) {
      plugins_.solvers.push_back(stage);
    }
    if (plugin->provides(KTL_SCAN_ID)) {
      plugins_.scanners.push_back(stage);
    }
    if (plugin->provides(KTL_EXPORT_ID)) {
      plugins_.exporters.push_back(stage);
    }
  }
}

}  // namespace ktl
