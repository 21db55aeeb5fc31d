#include "core/pipeline/preview.h"

#include <array>

#include "core/pipeline/exit_code.h"
#include "core/pipeline/stages.h"

namespace ktl {
namespace {

struct Step {
  Stage stage;
  Status (*body)(Build&);
};
constexpr std::array<Step, 3> kSteps = {{
    {Stage::kRequest, check_request},
    {Stage::kPrepare, prepare},
    {Stage::kSandbox, sandbox},
}};

}  // namespace

Preview preview(const BuildSetup& setup) {
  Build build(setup);
  for (const Step& step : kSteps) {
    Status status = step.body(build);
    if (!status.ok()) {
      if (build.failures().empty()) {
        status = build.fail({step.stage, std::move(status)});
      }
      const Failure& failure = *decisive(build.failures());
      return {{}, {}, failure.status, exit_code(failure, setup.cancel.reason())};
    }
  }
  json::object isolation = to_json(build.isolation);
  isolation["schema"] = "ktl.isolation/1";
  return {build.plan_document, std::move(isolation), {}, 0};
}

}  // namespace ktl
