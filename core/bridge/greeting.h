// The first words between two processes of ktl: what the other side needs, and that it is ktl.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "core/bridge/peer.h"
#include "core/plugins/call.h"
#include "core/plugins/host.h"

namespace ktl::bridge {

// What a process is told first.
struct Greeting {
  std::shared_ptr<const Host> host;  // answers what it asks; a null service is not offered
  json::object environment;          // more variables: {"NAME": "value"}
  int64_t memory = 0;                // bytes of data it may have; 0: no limit of its own
};

// Said once, and answered with the number that only this conversation knows. Thread rule: say() on
// one thread, check() on any after that.
class Handshake {
 public:
  Status say(const Greeting& greeting, Peer& peer);

  // Waits for the answer unless it was judged before. `name`: who is to answer. kInternal: it does
  // not, or it is somebody else; kCancelled.
  Status check(const std::string& name, const CallContext& context);

 private:
  std::string nonce_;
  std::mutex mutex_;
  std::shared_ptr<Pending> answer_;  // until it was judged
};

}  // namespace ktl::bridge
