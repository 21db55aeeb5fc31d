// A plugin that the user wants in a process of its own (isolate: true).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/bridge/remote_plugin.h"

namespace ktl::bridge {

// The process and the one plugin in it; both end with this object. What the plugin may have is what
// the bridge hands over: content by digest, redaction, folders of its own, no credentials and no
// secrets; few variables, none of which holds a credential; 2 GiB of data. Thread rule: start() on
// the program's main thread, with which the process ends; the rest as RemotePlugin.
class IsolatedPlugin {
 public:
  // Starts the process and has the plugin loaded there; waits for neither. `host` answers what it
  // asks, as far as it may ask. `program`: as in ProcessOptions.
  static Result<std::unique_ptr<IsolatedPlugin>> start(PluginOrder order, const Host& host,
                                                       std::string program = "/proc/self/exe");

  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

  // As RemotePlugin's; every failure names the plugin. One that does not stop is killed.
  Status ready(const CallContext& context) { return plugin_->ready(context); }
  Result<json::value> invoke(const Verb& verb, const json::value& document,
                             const CallContext& context) {
    return plugin_->invoke(verb, document, context);
  }

  [[nodiscard]] bool gone() const { return plugin_->gone(); }

  // Nothing more will be asked: it may end while others do.
  void dismiss() { process_->dismiss(); }

 private:
  IsolatedPlugin(std::unique_ptr<PluginProcess> process, std::unique_ptr<RemotePlugin> plugin,
                 PluginOrder order)
      : manifest_(std::move(order.manifest)),
        sha256_(std::move(order.sha256)),
        process_(std::move(process)),
        plugin_(std::move(plugin)) {}

  const Manifest manifest_;
  const std::string sha256_;
  const std::unique_ptr<PluginProcess> process_;
  const std::unique_ptr<RemotePlugin> plugin_;
};

// All of `registry` that is in use and isolated and that `pick` takes, in processes that get ready
// at the same time; none is waited for.
Result<std::vector<std::unique_ptr<IsolatedPlugin>>> start_isolated(
    PluginRegistry& registry, const Host& host, const PluginRegistry::Pick& pick);

}  // namespace ktl::bridge
