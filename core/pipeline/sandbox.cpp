#include "core/pipeline/stages.h"

namespace ktl {

// No plugin fences the client yet, so the statement says so, and says it before anything hostile
// is sent anywhere. What is known of the steps comes with the builder's answer.
Status sandbox(Build& build) {
  build.isolation.client = {{"fence", "none", "declared"}, {"network", "host", "declared"}};
  build.isolation.steps = {{"fence", "unknown", "unknown"}, {"network", "unknown", "unknown"}};
  build.say("warn",
            "client: no sandbox: ktl itself reads this context with all of your permissions");
  return {};
}

}  // namespace ktl
