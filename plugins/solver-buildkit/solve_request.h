// A plan as BuildKit's SolveRequest.
#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"
#include "control.pb.h"

namespace ktl::solver {

// The one Control.Solve of a build: frontend dockerfile.v0 with the plan's options; with `staging`
// an OCI exporter that hands its blobs to the session's content store (tar=false).
// kInvalidArgument: an option that BuildKit has no word for.
Result<moby::buildkit::v1::SolveRequest> solve_request(const json::value& plan,
                                                       const std::string& ref,
                                                       const std::string& session, bool staging);

// True when the result must be an index: several platforms, or arguments by which BuildKit makes
// one of a single platform.
bool makes_index(const json::value& plan);

}  // namespace ktl::solver
