// moby.filesync.v1.Auth: tokens and credentials of registries for the builder's own pulls.
#pragma once

#include <vector>

#include "host.h"
#include "session/server.h"

namespace ktl::solver {

// Tokens are fetched on this side, by ktl itself, for registries that give them to a user it knows;
// a realm that the builder names is not believed. To other registries the builder goes anonymously,
// or, where nothing but a password is taken, with that. `host` must outlive the session.
std::vector<Method> auth_methods(Host& host);

}  // namespace ktl::solver
