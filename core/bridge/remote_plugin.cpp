#include "core/bridge/remote_plugin.h"

#include "base/clock.h"

namespace ktl::bridge {
namespace {

constexpr int64_t kCreateNs = 60'000'000'000;

}  // namespace

Result<std::unique_ptr<RemotePlugin>> RemotePlugin::load(PluginProcess& process,
                                                         const PluginOrder& order, bool alone) {
  std::unique_ptr<RemotePlugin> plugin(new RemotePlugin(process, order.manifest.id, alone));
  KTL_ASSIGN(plugin->creation_, process.load(order, system_clock().monotonic_ns() + kCreateNs));
  return plugin;
}

Status RemotePlugin::ready(const CallContext& context) {
  const std::lock_guard lock(serial_);
  return wait_until_ready(context);
}

Status RemotePlugin::wait_until_ready(const CallContext& context) {
  if (creation_ != nullptr) {
    auto creation = std::exchange(creation_, nullptr);
    CallContext within = context;
    within.deadline_ns = std::min(within.deadline_ns, system_clock().monotonic_ns() + kCreateNs);
    created_ = process_.wait_for(*creation, {id_, "create"}, within, gave_up_).status();
    leave();
  }
  return created_;
}

// Nobody kills a thread, but a process of its own can go.
void RemotePlugin::leave() {
  if (gave_up_ && alone_) {
    process_.kill();
  }
}

Result<json::value> RemotePlugin::invoke(const Verb& verb, const json::value& document,
                                         const CallContext& context) {
  const std::string what = std::string(verb.interface_id) + " " + verb.name;
  const std::lock_guard lock(serial_);
  KTL_TRY(wait_until_ready(context));
  if (gave_up_) {
    return Status(Code::kFailedPrecondition,
                  "plugin " + id_ + " did not return from an earlier call");
  }
  json::object head{{"method", "invoke"},
                    {"plugin", id_},
                    {"interface", verb.interface_id},
                    {"verb", verb.name},
                    {"deadline", context.deadline_ns}};
  auto answer = process_.call(head, json::serialize(document), {id_, what}, context, gave_up_);
  leave();
  if (!answer.ok()) {
    return std::move(answer).status();
  }
  if (answer->body.empty()) {
    return json::value(nullptr);
  }
  auto parsed = parse_json(answer->text(), PluginCall::kMaxResult);
  if (!parsed.ok()) {
    return Status(Code::kInternal, "plugin " + id_ + " broke the plugin contract in " + what +
                                       ": its result is " + parsed.status().message());
  }
  return parsed;
}

}  // namespace ktl::bridge
