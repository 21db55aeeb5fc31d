// The processes of one daemon, and what they leave behind when they are killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "builder/caller.h"
#include "builder/daemon.h"

namespace ktl::builder {

// The processes that are visible here.
std::vector<pid_t> all_processes();

// Every living process whose command line starts a daemon on `home`: the jail's own and the daemon.
// Found by looking at all processes, so no record can be wrong about it. For root also those of
// other users, since the daemon is one.
std::vector<pid_t> family_of(const Home& home);

// Those of the family that are the daemon itself.
std::vector<pid_t> daemons_of(const Home& home);

// The process that `jail` (the jail's own, on the outside) has started in another user namespace
// than its own and ours: 0 when there is none (yet). No process in a jail can pass itself off as
// it.
pid_t inmate_of(pid_t jail);

// Ends the family: SIGTERM to the daemon, which finishes the builds it is running, and SIGKILL to
// all once `grace_ms` has passed. The namespaces' processes end with them. kDeadlineExceeded: some
// process did not even die of SIGKILL.
Status end_family(const Site& site, int64_t grace_ms);

// Removes what a killed daemon left outside of its namespaces: sockets, containers' bundles. To be
// called only when the family is gone.
void sweep(const Site& site);

}  // namespace ktl::builder
