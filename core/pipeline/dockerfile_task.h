// Reading the Dockerfile: asked for by the keeper, done by the worker, judged by the keeper.
#pragma once

#include <functional>

#include "core/document/plan.h"
#include "core/document/request.h"
#include "core/pipeline/failure.h"
#include "core/plugins/call.h"

namespace ktl {

// The task's name on the bridge.
inline constexpr const char* kDockerfileTask = "read the Dockerfile";

// Hands an order to whoever reads: its answer is ktl.dockerfile/1. A failure means that it could
// not be asked; the Dockerfile's own faults are in the document.
using ReadDockerfile =
    std::function<Result<json::value>(const json::value& order, const CallContext& context)>;

// Whether ktl reads it; of a context that only the builder sees, the builder does.
bool reads_dockerfile(const Request& request);

// {"request": ktl.request/1, "platforms": [...]}: the plan's platforms, which are normalised.
json::object dockerfile_order(const Request& request, const Plan& plan);

// Reads and parses in this very process. kInvalidArgument: the order is none.
Result<json::value> read_dockerfile_here(const json::value& order);

// Checks the answer to `request` and takes it into `plan`. On failure `failure` says whom to blame:
// kInternal, when the document breaks its schema or speaks of another file than was asked for.
Status take_dockerfile(const json::value& document, const Request& request, Plan& plan,
                       Failure& failure);

}  // namespace ktl
