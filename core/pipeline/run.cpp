#include "core/pipeline/run.h"

#include <array>

#include "core/pipeline/stages.h"

namespace ktl {
namespace {

struct Step {
  Stage stage;
  Status (*body)(Build&);
};

constexpr std::array<Step, 7> kSteps = {{
    {Stage::kRequest, check_request},
    {Stage::kPrepare, prepare},
    {Stage::kSandbox, sandbox},
    {Stage::kSolve, solve},
    {Stage::kScan, scan},
    {Stage::kAttest, attest},
    {Stage::kExport, export_result},
}};

std::string_view outcome_of(const Build& build, const Status& status) {
  if (status.ok()) {
    return "done";
  }
  return build.setup().cancel.cancelled() ? "cancelled" : "failed";
}

// Runs one stage; true when the build goes on. A failure that the stage did not record itself is
// recorded for it.
bool take(Build& build, const Step& step) {
  const Clock& clock = build.setup().clock;
  const int64_t started = clock.monotonic_ns();
  const size_t failures = build.failures().size();
  build.publish("stage.started/1", {{"stage", stage_name(step.stage)}});
  Status status =
      build.setup().cancel.cancelled() ? Status(Code::kCancelled, "interrupted") : step.body(build);
  if (!status.ok() && build.failures().size() == failures) {
    status = build.fail({step.stage, std::move(status)});
  }
  build.publish("stage.completed/1", {{"stage", stage_name(step.stage)},
                                      {"duration_ns", clock.monotonic_ns() - started},
                                      {"outcome", outcome_of(build, status)}});
  return status.ok();
}

}  // namespace

BuildOutcome run(const BuildSetup& setup) {
  Build build(setup);
  for (const Step& step : kSteps) {
    if (!take(build, step)) {
      break;
    }
  }
  return finish(build);
}

}  // namespace ktl
