// A whole build: from a request to an exit code.
#pragma once

#include "core/pipeline/build.h"
#include "core/pipeline/finish.h"

namespace ktl {

// Runs the stages, cleans up, writes the Record. Blocks; ends soon after setup.cancel. The caller
// finishes the bus afterwards.
BuildOutcome run(const BuildSetup& setup);

}  // namespace ktl
