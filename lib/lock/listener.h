// A place on a builder's own loopback, to be served from outside of its network.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::lock {

// A TCP socket that listens at 127.0.0.1.
struct Listener {
  UniqueFd fd;
  uint16_t port = 0;
};

// Which process listens at the unix socket (SO_PEERCRED). kUnavailable: nobody;
// kFailedPrecondition: it lies where this process sees none.
Result<pid_t> process_behind(const std::string& socket);

// In the network namespace of `process`, at a port that is free there: what goes to that loopback
// comes to this process, which stays where it is. Waits for a child that enters the namespaces
// (setns(2)). kFailedPrecondition: this user may not.
Result<Listener> listen_near(pid_t process);

}  // namespace ktl::lock
