// The steps of a build before they have run, from the graph that the frontend made.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "ledger/chain.h"

namespace ktl::solver {

// A RUN step of a graph.
struct PlannedRun {
  std::string name;     // as the progress shows it
  std::string step;     // its digest; empty: a content it depends on is not known
  bool network = true;  // false: it has none
};

// The RUN steps of a serialised pb.Definition, with digests that hold in every session and are the
// same whether a step runs or comes from the cache. They are others than those that a provenance
// gives (ledger/steps.h): the builder writes its operations differently there.
// kInvalidArgument, kDataLoss: a graph that cannot be read.
Result<std::vector<PlannedRun>> planned_runs(const std::string& definition,
                                             const ledger::ContentDigest& content);

}  // namespace ktl::solver
