// The plan's pins: sources that a build takes by digest.
#pragma once

#include "base/json.h"
#include "base/status.h"
#include "control.pb.h"

namespace ktl::solver {

// Adds rules by which the builder takes every pinned source by its digest, or fails. Nothing when
// there are no pins. kInvalidArgument: a pin of what BuildKit could not be held to.
Status add_pins(const json::value& plan, moby::buildkit::v1::SolveRequest& request);

// Whether the plan has any.
bool has_pins(const json::value& plan);

}  // namespace ktl::solver
