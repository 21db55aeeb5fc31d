// A build with a ktl.lock, once its builder is known.
#pragma once

#include "core/pipeline/build.h"

namespace ktl {

// Fills build.held and offers it to whoever judges requests; nothing without a lock. A builder on
// whose loopback ktl cannot serve what the lock has is a failure (exit 6).
Status hold_lock(Build& build);

}  // namespace ktl
