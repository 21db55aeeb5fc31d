// A plugin that runs in another process, for those who call it.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/bridge/plugin_process.h"
#include "core/plugins/verbs.h"

namespace ktl::bridge {

// Thread rule: any thread; calls wait for one another, as [serial] promises the plugin.
class RemotePlugin {
 public:
  // Has the plugin loaded in `process`, which outlives this, and does not wait for it. `alone`:
  // the process runs nothing else, and is killed when the plugin does not stop.
  static Result<std::unique_ptr<RemotePlugin>> load(PluginProcess& process,
                                                    const PluginOrder& order, bool alone);

  // Waits until the plugin has been created.
  Status ready(const CallContext& context);

  // As Plugin::invoke. kInternal also when the process died or broke a rule of the bridge.
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context);

  // Whether its process has died or broken a rule of the bridge.
  [[nodiscard]] bool gone() const { return process_.gone(); }

 private:
  RemotePlugin(PluginProcess& process, std::string id, bool alone)
      : process_(process), id_(std::move(id)), alone_(alone) {}
  Status wait_until_ready(const CallContext& context);
  void leave();

  PluginProcess& process_;
  const std::string id_;
  const bool alone_;
  std::mutex serial_;                  // guards what follows
  std::shared_ptr<Pending> creation_;  // until its answer has come
  Status created_;
  bool gave_up_ = false;
};

}  // namespace ktl::bridge
