#include "core/document/schemas.h"
#include "core/pipeline/judges.h"
#include "core/pipeline/stages.h"
#include "core/pipeline/statements.h"

namespace ktl {
namespace {

// The isolation of the steps as the builder that ran them declared it.
void state_isolation(Build& build) {
  if (bool_of(build.features, "steps_fenced")) {
    build.isolation.steps = {{"fence", "jail", "declared"}, {"network", "unknown", "unknown"}};
  } else if (text_of(build.features, "kind") == "private") {
    build.isolation.steps = {{"fence", "none", "declared"}, {"network", "unknown", "unknown"}};
  }
}

}  // namespace

// A question to the frontend builds nothing that anything could be stated about.
Status attest(Build& build) {
  state_isolation(build);
  KTL_TRY(check_document("isolation-1", to_json(build.isolation)));
  if (build.request().inputs.call.method.empty()) {
    KTL_TRY(make_statements(build));
  }
  KTL_TRY(judge(build, Stage::kAttest));
  return sign_statements(build);
}

}  // namespace ktl
