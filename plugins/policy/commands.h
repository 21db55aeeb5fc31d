// `ktl policy`: rules without a build.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace ktl::policy {

// Runs `ktl policy WORDS`; the text of ktl.exit/1. kInvalidArgument: what the user wrote, and rules
// that do not load. Exit codes: test 1 when one failed; eval 3 when something is denied, or cannot
// be evaluated.
Result<std::string> run_command(const std::vector<std::string>& words, int cancel_fd);

}  // namespace ktl::policy
