// moby.sshforward.v1.SSH: `RUN --mount=type=ssh` talks to an agent of the user's.
#pragma once

#include <vector>

#include "host.h"
#include "session/server.h"

namespace ktl::solver {

// `host` must outlive the session.
std::vector<Method> ssh_methods(Host& host);

}  // namespace ktl::solver
