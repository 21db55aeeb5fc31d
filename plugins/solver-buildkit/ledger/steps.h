// The steps of a build that is done, with digests that hold in every session.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "ledger/chain.h"
#include "progress.h"

namespace ktl::solver {

// The "steps" of ktl.solved/1: one for each operation of the `provenance` documents (of one
// platform each) that `log` saw end well, each vertex once and after its
// inputs, at most kMaxSteps. `daemon` names the
// builder's state. kDataLoss and kInvalidArgument: a provenance that cannot be read.
Result<json::array> steps_of(const std::vector<std::string>& provenance, const ProgressLog& log,
                             const ledger::ContentDigest& content, const std::string& daemon);
inline constexpr size_t kMaxSteps = 4096;

}  // namespace ktl::solver
