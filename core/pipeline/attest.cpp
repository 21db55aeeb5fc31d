#include "core/document/schemas.h"
#include "core/pipeline/stages.h"

namespace ktl {

// The isolation of the steps as the builder that ran them declared it.
Status attest(Build& build) {
  if (bool_of(build.features, "steps_fenced")) {
    build.isolation.steps = {{"fence", "jail", "declared"}, {"network", "unknown", "unknown"}};
  } else if (text_of(build.features, "kind") == "private") {
    build.isolation.steps = {{"fence", "none", "declared"}, {"network", "unknown", "unknown"}};
  }
  return check_document("isolation-1", to_json(build.isolation));
}

}  // namespace ktl
