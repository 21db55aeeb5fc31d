// What the builder's errors carry besides their text.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ktl::solver {

// One of them: its type ("github.com/moby/buildkit/errdefs.Vertex+json") and what it says.
struct ErrorDetail {
  std::string type;
  json::value value;
};

// Those of `details`, the trailer grpc-status-details-bin: a google.rpc.Status whose Any values are
// JSON (BuildKit, util/grpcerrors). At most 64, of 4 MiB in all; what is no JSON is left out.
std::vector<ErrorDetail> error_details(const std::string& details);

}  // namespace ktl::solver
