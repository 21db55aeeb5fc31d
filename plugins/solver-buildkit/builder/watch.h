// A supervisor's long wait: until its daemon ends, nobody needs it, or it is told to stop.
#pragma once

#include <cstdint>
#include <string>

#include "base/fd.h"
#include "base/process.h"
#include "builder/caller.h"
#include "builder/home.h"
#include "builder/outside.h"

namespace ktl::builder {

// Why a daemon was stopped. `idle` holds the clients' lock when that is the reason: nobody comes to
// a daemon that is going away.
struct End {
  std::string reason;  // "idle", "asked to stop", "the daemon ended with exit code 137" ...
  bool failed = false;
  UniqueFd idle;
};

// Sleeps until something happens: inotify(7) tells of clients that come and go and of lines in the
// log, which is kept bounded. Idle means that for `idle_ms` nobody has touched the clients' lock,
// nobody holds it, and nobody is connected to the socket.
// `outside`, which may be nullptr, answers its clients in between.
End watch(Child& jail, const Home& home, const UniqueFd& log, int64_t idle_ms, const Caller& caller,
          Outside* outside);

// Whether somebody is connected to the daemon's socket: /proc/net/unix lists the accepted ends
// under the path that the socket has in the jail.
bool has_connections(const std::string& socket);

}  // namespace ktl::builder
