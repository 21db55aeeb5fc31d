// The processes of one daemon, and what they leave behind when they are killed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "builder/caller.h"
#include "builder/daemon.h"

namespace ktl::builder {

// Every living process of this user whose command line starts a daemon on `home`: the daemon, and
// what made its namespaces. Found by looking at all processes, so no record can be wrong about it.
std::vector<pid_t> family_of(const Home& home);

// The daemon itself: the member of the family that runs `programs.buildkitd`; 0 when there is none.
pid_t daemon_of(const Site& site);

// Ends the family: SIGTERM to the daemon, which finishes the builds it is running, and SIGKILL to
// all once `grace_ms` has passed. The namespaces' processes end with them. kDeadlineExceeded: some
// process did not even die of SIGKILL.
Status end_family(const Site& site, int64_t grace_ms);

// Removes what a killed daemon left outside of its namespaces: sockets, containers' bundles and
// state, cgroups. To be called only when the family is gone.
void sweep(const Site& site);

}  // namespace ktl::builder
