// The private builder's keeper: owns the daemon, its log and its idle time.
#pragma once

#include "base/fd.h"
#include "base/status.h"
#include "builder/caller.h"
#include "builder/daemon.h"

namespace ktl::builder {

// What the client that starts a supervisor hands to it; both empty when people start one.
struct Handover {
  UniqueFd ready;       // the writing end of a ReadyPipe
  UniqueFd start_lock;  // the start lock, already taken
};

// Starts the daemon of `site` and stays with it until the caller cancels (SIGTERM), the daemon
// ends, or nobody has used it for its idle time. Before, it waits for builds that still run on a
// daemon whose supervisor was killed, and ends that daemon. Leaves no process, mount, socket,
// cgroup or instance.json behind; why it ended is in last-end.json. One a home: kFailedPrecondition
// when the builder runs already, kUnavailable when the daemon does not come up.
Status supervise(Site site, const Getenv& getenv, Handover handover, const Caller& caller);

}  // namespace ktl::builder
