// A step that failed, as the container in which one can look at what it left.
#pragma once

#include <string>

#include "base/status.h"
#include "gateway.pb.h"

namespace ktl::solver {

// The container has the step's mounts as they were when it failed, its network, hosts and platform;
// the process its environment, folder, user, security mode and secret variables, and no arguments.
// Neither has more than the step had.
struct FailedStep {
  std::string vertex;
  moby::buildkit::v1::frontend::NewContainerRequest container;  // without an id
  moby::buildkit::v1::frontend::InitMessage process;
};

// From the details of an error of LLBBridge.Solve: a "Solve" with the operation, the results under
// its mounts, and the like (BuildKit 0.34.2, solver/errdefs/errdefs.proto, as protobuf's JSON).
// kNotFound: what failed is no RUN step, or it failed before it was begun.
Result<FailedStep> failed_step(const std::string& details);

}  // namespace ktl::solver
