// What a build took, for the lock that `ktl lock` makes of it.
#pragma once

#include "core/pipeline/build.h"
#include "lock/recorded.h"

namespace ktl {

// Of a build that is done; empty unless it was recorded. Nothing in it tells a secret: a request
// with one in its URL is there masked, with a reason why it cannot be locked.
lock::Recorded recorded_of(const Build& build);

}  // namespace ktl
