#include "core/pipeline/crew.h"

#include <algorithm>
#include <array>

#include "core/bridge/isolated_plugin.h"
#include "core/bridge/remote_plugin.h"
#include "core/pipeline/dockerfile_task.h"

namespace ktl {
namespace {

bool in_worker(const PluginEntry& entry) {
  return runs_here(entry) && entry.manifest.side == "worker";
}

bool in_keeper(const PluginEntry& entry) { return runs_here(entry) && !in_worker(entry); }

struct Part {
  std::string_view interface_id;
  std::vector<StagePlugin*> StagePlugins::* list;
};
constexpr std::array<Part, 7> kParts = {{{KTL_PREPARE_ID, &StagePlugins::preparers},
                                         {KTL_SOLVE_ID, &StagePlugins::solvers},
                                         {KTL_SCAN_ID, &StagePlugins::scanners},
                                         {KTL_POLICY_ID, &StagePlugins::policies},
                                         {KTL_ATTEST_ID, &StagePlugins::attesters},
                                         {KTL_EXPORT_ID, &StagePlugins::exporters},
                                         {KTL_EVENTS_ID, &StagePlugins::readers}}};

constexpr std::array<std::string_view, 3> kUncalled = {KTL_SANDBOX_ID, KTL_CACHE_ID, KTL_SECRET_ID};

}  // namespace

// One of the crew, wherever its code runs.
class Crew::Member : public StagePlugin {
 public:
  explicit Member(const Manifest& manifest, const std::string& sha256)
      : manifest_(manifest), identity_{manifest.id, manifest.version, sha256} {}

  [[nodiscard]] const PluginIdentity& identity() const override { return identity_; }
  [[nodiscard]] const std::string& id() const { return identity_.id; }
  [[nodiscard]] bool provides(std::string_view interface_id) const {
    return std::ranges::find(manifest_.interfaces, interface_id) != manifest_.interfaces.end();
  }
  // Waits until it can be called.
  virtual Status ready(const CallContext&) { return {}; }
  // Nothing more will be asked of it.
  virtual void dismiss() {}

 private:
  const Manifest manifest_;
  const PluginIdentity identity_;
};

class Crew::Local final : public Member {
 public:
  explicit Local(Plugin& plugin) : Member(plugin.manifest(), plugin.sha256()), plugin_(plugin) {}

  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_.invoke(verb, document, context);
  }

 private:
  Plugin& plugin_;
};

class Crew::Remote final : public Member {
 public:
  Remote(std::unique_ptr<bridge::RemotePlugin> plugin, const PluginOrder& order)
      : Member(order.manifest, order.sha256), plugin_(std::move(plugin)) {}

  Status ready(const CallContext& context) override { return plugin_->ready(context); }
  [[nodiscard]] bool gone() const override { return plugin_->gone(); }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_->invoke(verb, document, context);
  }

 private:
  const std::unique_ptr<bridge::RemotePlugin> plugin_;
};

class Crew::Isolated final : public Member {
 public:
  explicit Isolated(std::unique_ptr<bridge::IsolatedPlugin> plugin)
      : Member(plugin->manifest(), plugin->sha256()), plugin_(std::move(plugin)) {}

  Status ready(const CallContext& context) override { return plugin_->ready(context); }
  [[nodiscard]] bool gone() const override { return plugin_->gone(); }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) override {
    return plugin_->invoke(verb, document, context);
  }
  void dismiss() override { plugin_->dismiss(); }

 private:
  const std::unique_ptr<bridge::IsolatedPlugin> plugin_;
};

Crew::Crew(PluginRegistry& registry) : registry_(registry) {}

// All are told before one is waited for.
Crew::~Crew() { dismiss(); }

Status Crew::assemble(const CrewHosts& hosts, std::unique_ptr<bridge::PluginProcess> worker,
                      const CallContext& context) {
  worker_ = std::move(worker);
  KTL_TRY(send_out(hosts));
  KTL_TRY(registry_.start_those(hosts.keeper, context, in_keeper));
  for (Plugin* plugin : registry_.started()) {
    members_.push_back(std::make_unique<Local>(*plugin));
  }
  for (const auto& member : members_) {
    KTL_TRY(member->ready(context));
  }
  list();
  return {};
}

Status Crew::send_out(const CrewHosts& hosts) {
  KTL_TRY(worker_->greet({.host = hosts.worker, .environment = {}}));
  KTL_ASSIGN(auto orders, registry_.order_those(in_worker));
  for (const PluginOrder& order : orders) {
    KTL_ASSIGN(auto plugin, bridge::RemotePlugin::load(*worker_, order, false));
    members_.push_back(std::make_unique<Remote>(std::move(plugin), order));
  }
  KTL_ASSIGN(auto isolated, bridge::start_isolated(registry_, *hosts.keeper,
                                                   [](const PluginEntry&) { return true; }));
  for (auto& plugin : isolated) {
    members_.push_back(std::make_unique<Isolated>(std::move(plugin)));
  }
  return {};
}

void Crew::list() {
  std::ranges::sort(members_, {},
                    [](const auto& member) -> const std::string& { return member->id(); });
  for (const auto& member : members_) {
    plugins_.all.push_back(member->identity());
    for (const auto& [interface_id, list] : kParts) {
      if (member->provides(interface_id)) {
        (plugins_.*list).push_back(member.get());
      }
    }
    for (std::string_view uncalled : kUncalled) {
      if (member->provides(uncalled)) {
        idle_.push_back("plugin " + member->id() + " provides " + std::string(uncalled) +
                        ", which no build of this ktl asks for");
      }
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
  for (const auto& member : members_) {
    member->dismiss();
  }
}

}  // namespace ktl
