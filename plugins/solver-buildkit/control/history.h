// What a builder remembers of a build that is over.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "transport/channel.h"

namespace ktl::solver {

// One build, by the reference of its solve.
struct BuildHistory {
  std::vector<std::string> provenance;  // JSON, one for each platform
  std::string error;                    // a serialized google.rpc.Status with details; or empty
};

// Asks for the build's record and what it refers to, at most 10 s. kUnimplemented: the builder
// keeps none (before 0.11); kNotFound: none of this build; kDataLoss: a blob that is not what its
// digest names; kResourceExhausted: one above kMaxHistoryBlob.
Result<BuildHistory> history_of(Channel& channel, const std::string& ref);
inline constexpr size_t kMaxHistoryBlob = 16U << 20U;

}  // namespace ktl::solver
