// Why a build failed, in ktl's words: step, exit code, lines of the Dockerfile, end of the log.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "progress.h"

namespace ktl::solver {

// How Control.Solve ended. `details` is the trailer grpc-status-details-bin: a google.rpc.Status
// whose Any values are JSON (BuildKit, util/grpcerrors).
struct Failure {
  Status status;
  std::string details;
};

// "source" of ktl.build-error/1: the lines of `text` to blame, and some around them.
json::value source_excerpt(std::string_view file, std::string_view text, int64_t first,
                           int64_t last);

// The code and message of such details; nothing when they say nothing of a failure.
std::optional<Status> status_in(const std::string& details);

// The ktl.build-error/1 document. `foreign` are the plan's platforms that the builder cannot run: a
// step that was not executed for want of an emulator is explained with them.
json::object build_error(const Failure& failure, const ProgressLog& log,
                         const std::vector<std::string>& foreign);

}  // namespace ktl::solver
