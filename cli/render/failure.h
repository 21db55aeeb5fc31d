// Why something failed, as people read it.
#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"

namespace ktl::cli {

//   Error: process "/bin/sh -c false" did not complete successfully: exit code: 1
//   - step: [2/3] RUN false
//   - location: Dockerfile:3
//       > 3 | RUN false
//   - log:
//       what it said last
//   - next: ...
//
// The first line starts with "Error: "; every text in it is made safe for a terminal, and nothing
// is coloured.

// `failed`: the body of build.failed/1.
std::string failure_text(const json::object& failed);
std::string failure_text(const Status& status);

}  // namespace ktl::cli
