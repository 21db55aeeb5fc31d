// moby.buildkit.secrets.v1.Secrets: values of `RUN --mount=type=secret`.
#pragma once

#include <vector>

#include "host.h"
#include "session/server.h"

namespace ktl::solver {

// A secret the user did not name is kNotFound, upon which an optional mount stays empty. `host`
// must outlive the session.
std::vector<Method> secret_methods(Host& host);

}  // namespace ktl::solver
