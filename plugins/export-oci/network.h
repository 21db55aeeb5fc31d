// A verb's way to the network: its cancellation, its credentials, its progress.
#pragma once

#include <cstdint>
#include <functional>
#include <ktl/call.hpp>
#include <mutex>
#include <string>
#include <unordered_map>

#include "http/client.h"
#include "oci/registry/routed.h"
#include "pusher.h"

namespace ktl::export_oci {

// True once the call shall end. Valid as long as `call`.
std::function<bool()> stop_of(const Call& call);

// Turns progress into push/1 events, not more than ten a second for one blob. Any thread.
class Reporter {
 public:
  explicit Reporter(const Call& call) : call_(call) {}
  void report(const std::string& name, const oci::Descriptor& blob, int64_t sent, bool done);

 private:
  bool due(const std::string& key, bool done);

  const Call& call_;
  std::mutex mutex_;
  std::unordered_map<std::string, int64_t> last_ns_;
};

// kForward ends when the call is cancelled. kUndo does not, since it is often a cancelled call
// whose traces have to go; it ends after ten seconds instead.
enum class Direction { kForward, kUndo };

// Lives within one verb; `port` points into it.
class Network {
 public:
  Network(const Call& call, const std::vector<oci::RegistryRule>& rules,
          Direction direction = Direction::kForward);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  // `insecure`: the registries may speak plain HTTP.
  [[nodiscard]] const PushPort& port(bool insecure) {
    port_.insecure = insecure;
    return port_;
  }

 private:
  http::Client client_;
  oci::RoutedTransport routed_;
  Reporter reporter_;
  PushPort port_;
};

}  // namespace ktl::export_oci
