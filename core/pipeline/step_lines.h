// What the isolation statement says of RUN steps.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Before the solve: the builder's fence as it was seen, and the network that the plan's fence will
// leave to steps, "declared". --require is checked against what is to be expected. A failure is
// recorded.
Status expect_steps(Build& build);

// Once the builder has shown its steps, and each is known to have run behind the plan's fence: what
// was declared has been seen, if the builder itself stands behind a fence. --require is checked
// again, and only what was seen meets it.
Status state_steps(Build& build);

// The whole statement in one line, for people.
std::string isolation_line(const Isolation& isolation);

}  // namespace ktl
