// Ending a private builder: first its builds, then its daemon.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "builder/caller.h"
#include "builder/daemon.h"

namespace ktl::builder {

struct StopOptions {
  int64_t wait_ms = 60'000;  // for the builds that use it
  bool force = false;        // do not wait: builds that use it fail
};

// Returns whether there was anything to stop, once nothing of it is left. kUnavailable: builds
// still use it after `wait_ms` (it goes on untouched), or it does not end; kCancelled.
Result<bool> stop_builder(const Site& site, const StopOptions& options, const Caller& caller);

}  // namespace ktl::builder
