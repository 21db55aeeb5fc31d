// The way out of a jail: a proxy that lets through by host name, and forwarders to registries on
// this machine's loopback. Both listen in the jail's network and work out here.
#pragma once

#include <netinet/in.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"
#include "builder/network.h"

namespace ktl::builder {

inline constexpr uint16_t kGatePort = 3128;  // in the jail

struct GateSettings {
  std::vector<HostPort> allowed;
  std::string upstream;  // http://[USER:PASSWORD@]HOST[:PORT] of this machine; may be empty
  std::vector<std::string> direct;  // NO_PROXY of this machine: hosts and .domains
  std::filesystem::path journal;
};

// Whether a connection that comes from `peer` (an address of the jail's) may be served. [any
// thread]
using Admit = std::function<bool(const sockaddr_in& peer, uint16_t port)>;

struct GateState;

// Threads of its own: one that accepts, one for each connection (at most 256; the next wait). A
// head has at most 16 KiB and 10 s, a name 256 bytes; an idle connection ends after 5 minutes.
class Gate {
 public:
  Gate(GateSettings settings, Admit admit);
  ~Gate();  // ends every connection
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // `listener` does not block. [any thread]
  void serve_proxy(UniqueFd listener);
  // What comes to it goes to 127.0.0.1:`port` (or [::1]) out here. [any thread]
  void serve_forwarder(UniqueFd listener, uint16_t port);

 private:
  std::shared_ptr<GateState> state_;
};

}  // namespace ktl::builder
