// --locked, as far as files on the disk and the Dockerfile tell: before a builder is asked.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Nothing without --locked. With it SOURCE_DATE_EPOCH is 0 unless the user gave one, and where the
// context has a ktl.lock the plan gets it: the sources' digests as pins, the steps' network.
// kInvalidArgument: the lock cannot be read, or another flag says otherwise than a lock.
Status take_lock(const Request& request, Plan& plan);

// Every source of a plan with a lock has to be in it; each that is not is a failure of its own with
// its line, and the first one's status is returned.
Status check_locked(Build& build);

}  // namespace ktl
