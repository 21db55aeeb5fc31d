#include "core/pipeline/crew.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/bridge/isolated_plugin.h"
#include "core/bridge/remote_plugin.h"
#include "core/pipeline/dockerfile_task.h"
#include "core/pipeline/platform.h"
#include "core/pipeline/worker.h"

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
constexpr std::array<Part, 8> kParts = {{{KTL_PREPARE_ID, &StagePlugins::preparers},
                                         {KTL_BUILDER_ID, &StagePlugins::builders},
                                         {KTL_SOLVE_ID, &StagePlugins::solvers},
                                         {KTL_SCAN_ID, &StagePlugins::scanners},
                                         {KTL_POLICY_ID, &StagePlugins::policies},
                                         {KTL_ATTEST_ID, &StagePlugins::attesters},
                                         {KTL_EXPORT_ID, &StagePlugins::exporters},
                                         {KTL_EVENTS_ID, &StagePlugins::readers}}};

constexpr std::array<std::string_view, 2> kUncalled = {KTL_CACHE_ID, KTL_SECRET_ID};

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
Crew::~Crew() {
  dismiss();
  for (const std::filesystem::path& folder : made_) {
    ::rmdir(folder.c_str());  // fails where something is in it
  }
}

Status Crew::assemble(const CrewHosts& hosts, std::unique_ptr<bridge::PluginProcess> worker,
                      const Request& request, FenceGround ground, const CallContext& context) {
  KTL_TRY(raise_fence(hosts, request, std::move(ground), context));
  if (worker_ == nullptr && !fence_.demanded) {
    worker_ = std::move(worker);
    if (worker_ == nullptr) {
      KTL_ASSIGN(worker_, start_worker());
    }
    KTL_TRY(worker_->greet({.host = hosts.worker, .environment = {}}));
  }
  if (worker_ != nullptr) {
    KTL_TRY(send_out(hosts));
    read_ahead(request);
  }
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

// Whatever is in its way, it is known afterwards why there is none.
Status Crew::raise_fence(const CrewHosts& hosts, const Request& request, FenceGround ground,
                         const CallContext& context) {
  const SandboxWish& wish = request.sandbox;
  fence_.demand = wish.demand;
  fence_.demanded = !wish.demand.empty() && !(wish.disabled && wish.implied);
  if (wish.disabled) {
    fence_.missing = Status(Code::kFailedPrecondition, "KTL_SANDBOX_DISABLE lifts it")
                         .advise("unset it, and use it only where you trust what is built");
    return {};
  }
  for (const PluginEntry& entry : registry_.entries()) {
    if (entry.used && in_worker(entry)) {
      ground.worker_plugins.push_back(entry.manifest.id);
    }
  }
  fence_.missing = try_fence(hosts, request, ground, context);
  if (!fence_.missing.ok()) {
    worker_ = nullptr;
    fence_.plugin.clear();
  }
  return {};
}

Status Crew::try_fence(const CrewHosts& hosts, const Request& request, const FenceGround& ground,
                       const CallContext& context) {
  KTL_ASSIGN(made_, make_places(request, ground));
  KTL_ASSIGN(const auto sandboxes, start_sandboxes(registry_, hosts.keeper, context));
  const Inmate worker{{ground.program.native(), bridge::kBridgeWord},
                      fenced_environment(request),
                      {bridge::kBridgeFd}};
  KTL_ASSIGN(MadeFence made,
             make_fence(sandboxes, fence_document(request, ground), worker, context));
  KTL_ASSIGN(worker_, start_fenced_worker(std::move(made.command)));
  fence_.plugin = made.plugin;
  fence_.made = std::move(made.made);
  fence_.pid = worker_->pid();
  KTL_TRY(worker_->greet({.host = hosts.worker, .environment = {}}));
  Status status = worker_->answered(context);
  if (!status.ok() && status.code() != Code::kCancelled) {
    fence_.log = worker_->fence_log();
    return Status(Code::kFailedPrecondition,
                  made.plugin + " could not start it: " + status.message())
        .advise("`ktl build sandbox doctor` says what is missing");
  }
  return status;
}

Status Crew::send_out(const CrewHosts& hosts) {
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

// The worker would only wait while plugins are loaded here. What prevents it, prepare finds again.
void Crew::read_ahead(const Request& request) {
  auto platforms = normalise_platforms(request.platforms);
  if (!reads_dockerfile(request) || !platforms.ok()) {
    return;
  }
  Plan plan;
  plan.platforms = *std::move(platforms);
  ahead_.order = dockerfile_order(request, plan);
  auto begun = worker_->begin(kDockerfileTask, ahead_.order);
  ahead_.answer = begun.ok() ? *std::move(begun) : nullptr;
}

Result<json::value> Crew::read_dockerfile(const json::value& order, const CallContext& context) {
  auto begun = std::exchange(ahead_.answer, nullptr);
  if (begun == nullptr || ahead_.order != order) {
    KTL_ASSIGN(begun, worker_->begin(kDockerfileTask, order));
  }
  return worker_->finish(kDockerfileTask, *begun, context);
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
