// moby.filesync.v1.Auth: credentials of registries for the builder's own pulls.
#pragma once

#include <vector>

#include "host.h"
#include "session/server.h"

namespace ktl::solver {

// Credentials only: FetchToken and GetTokenAuthority stay unimplemented, upon which the builder
// exchanges tokens itself. `host` must outlive the session.
std::vector<Method> auth_methods(Host& host);

}  // namespace ktl::solver
