// The messages of plugins outside of a build, where there is no bus.
#pragma once

#include "cli/console.h"
#include "core/plugins/host.h"

namespace ktl::cli {

// Prints each message to stderr as it comes. `console` must outlive every plugin call.
Publish print_messages(Console& console);

}  // namespace ktl::cli
