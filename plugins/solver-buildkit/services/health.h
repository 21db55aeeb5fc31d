// grpc.health.v1.Health: the builder asks every few seconds and gives a silent session up.
#pragma once

#include <vector>

#include "session/server.h"

namespace ktl::solver {

std::vector<Method> health_methods();

}  // namespace ktl::solver
