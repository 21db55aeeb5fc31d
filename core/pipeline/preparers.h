// The prepare plugins' part in the plan.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Asks every prepare plugin about the draft in build.plan, and changes it as they say: each sees
// what those before it have changed. Failures are recorded: what a plugin says of the input, and
// what cannot be done, as the user's mistake, a blocking finding as a refusal, anything else as
// the plugin's failure.
Status ask_preparers(Build& build);

}  // namespace ktl
