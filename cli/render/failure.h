// Why something failed, as people read it.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::cli {

//   Error: process "/bin/sh -c false" did not complete successfully: exit code: 1
//   - step: [2/3] RUN false
//   - location: Dockerfile:3
//         2 | COPY . .
//       > 3 | RUN false
//         4 | CMD ["app"]
//   - log:
//       what it said last
//   - next: ...
//
// The line that starts with "Error: " is the first, unless the whole log comes before it. Every
// text is made safe for a terminal, and nothing is coloured.

// `failed`: the body of build.failed/1. `log`: all that the failed step wrote, in safe lines;
// empty: what the failure itself has of it is shown.
std::string failure_text(const json::object& failed, const std::vector<std::string>& log = {});
std::string failure_text(const Status& status);

}  // namespace ktl::cli
