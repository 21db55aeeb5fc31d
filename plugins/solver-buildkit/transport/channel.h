// How a gRPC channel to a builder is made.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>

#include "base/status.h"

namespace ktl::solver {

// A channel to the daemon that listens on the unix socket `path`. Connects at the first call.
// kInvalidArgument: the path does not fit into a socket address (107 bytes).
Result<std::shared_ptr<grpc::Channel>> unix_channel(const std::string& path);

// gRPC's word as ktl's; the codes are the same numbers.
Status from_grpc(const grpc::Status& status);

}  // namespace ktl::solver
