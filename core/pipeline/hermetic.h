// --hermetic, as far as the Dockerfile tells: before a builder is asked for anything.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Every source has to be pinned, by what is written or by plan.pins, and no RUN may ask to be let
// out of the fence. Each that is not is a failure of its own, with its line and what mends it; the
// first one's status is returned. A build without a fence passes.
Status check_hermetic(Build& build);

}  // namespace ktl
