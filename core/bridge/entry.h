// Where the program begins when it is the other side of a bridge.
#pragma once

#include "core/bridge/plugin_server.h"

namespace ktl::bridge {

// Serves the bridge at kBridgeFd and returns the program's exit code. What counts is the
// descriptor, a socket whose other end is the very process that started this one, and not what
// arguments or environment say: without it the user is told that this is no command (2).
// The process ends with the one that started it. Signals from the terminal are the other side's
// business: they are taken and nothing is done.
int run_bridge(Tasks tasks);

}  // namespace ktl::bridge
