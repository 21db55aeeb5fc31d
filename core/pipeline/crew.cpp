#include "core/pipeline/crew.h"

#include <algorithm>

#include "core/pipeline/dockerfile_task.h"

namespace ktl {
namespace {

bool in_worker(const PluginEntry& entry) { return entry.manifest.side == "worker"; }

struct Listed {
  StagePlugin* plugin;
  const Manifest* manifest;
};

bool provides(const Listed& listed, std::string_view interface_id) {
  const auto& interfaces = listed.manifest->interfaces;
  return std::ranges::find(interfaces, interface_id) != interfaces.end();
}

}  // namespace

class Crew::Local final : public StagePlugin {
 public:
  explicit Local(Plugin& plugin)
      : plugin_(plugin), identity_{plugin.id(), plugin.manifest().version, plugin.sha256()} {}

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  [[nodiscard]] const Manifest& manifest() const { return plugin_.manifest(); }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_.invoke(verb, document, context);
  }

 private:
  Plugin& plugin_;
  const PluginIdentity identity_;
};

class Crew::Remote final : public StagePlugin {
 public:
  Remote(std::unique_ptr<bridge::RemotePlugin> plugin, PluginOrder order)
      : plugin_(std::move(plugin)),
        manifest_(std::move(order.manifest)),
        identity_{manifest_.id, manifest_.version, order.sha256} {}

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  Status ready(const CallContext& context) { return plugin_->ready(context); }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_->invoke(verb, document, context);
  }

 private:
  const std::unique_ptr<bridge::RemotePlugin> plugin_;
  const Manifest manifest_;
  const PluginIdentity identity_;
};

Crew::Crew(PluginRegistry& registry) : registry_(registry) {}
Crew::~Crew() = default;

Status Crew::assemble(const CrewHosts& hosts, std::unique_ptr<bridge::PluginProcess> worker,
                      const CallContext& context) {
  worker_ = std::move(worker);
  KTL_TRY(order(hosts));
  KTL_TRY(registry_.start_those(hosts.keeper, context,
                                [](const PluginEntry& entry) { return !in_worker(entry); }));
  for (Plugin* plugin : registry_.started()) {
    local_.push_back(std::make_unique<Local>(*plugin));
  }
  for (const auto& remote : remote_) {
    KTL_TRY(remote->ready(context));
  }
  list();
  return {};
}

Status Crew::order(const CrewHosts& hosts) {
  KTL_TRY(worker_->greet({.host = hosts.worker}));
  KTL_ASSIGN(auto orders, registry_.order_those(in_worker));
  for (PluginOrder& order : orders) {
    KTL_ASSIGN(auto plugin, bridge::RemotePlugin::load(*worker_, order, false));
    remote_.push_back(std::make_unique<Remote>(std::move(plugin), std::move(order)));
  }
  return {};
}

void Crew::list() {
  std::vector<Listed> all;
  for (const auto& plugin : local_) {
    all.push_back({plugin.get(), &plugin->manifest()});
  }
  for (const auto& plugin : remote_) {
    all.push_back({plugin.get(), &plugin->manifest()});
  }
  std::ranges::sort(all, {}, [](const Listed& listed) { return listed.manifest->id; });
  for (const Listed& listed : all) {
    plugins_.all.push_back(listed.plugin->identity());
    if (provides(listed, KTL_SOLVE_ID)) {
      plugins_.solvers.push_back(listed.plugin);
    }
    if (provides(listed, KTL_SCAN_ID)) {
      plugins_.scanners.push_back(listed.plugin);
    }
    if (provides(listed, KTL_EXPORT_ID)) {
      plugins_.exporters.push_back(listed.plugin);
    }
  }
}

Result<json::value> Crew::read_dockerfile(const json::value& order,
                                          const CallContext& context) const {
  return worker_->run(kDockerfileTask, order, context);
}

void Crew::dismiss() {
  if (worker_ != nullptr) {
    worker_->dismiss();
  }
}

}  // namespace ktl
