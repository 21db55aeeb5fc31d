// The worker: the same program once more, for what a build does with input that may be hostile.
#pragma once

#include <memory>

#include "core/bridge/plugin_process.h"
#include "core/document/request.h"

namespace ktl {

// Starts it at once; it does nothing before it is told what (Crew). It ends with the calling
// thread, which has to be the program's main one.
Result<std::unique_ptr<bridge::PluginProcess>> start_worker();

// The same behind a fence, with the command that makes it.
Result<std::unique_ptr<bridge::PluginProcess>> start_fenced_worker(bridge::Wrapped command);

// What it finds in its environment there, "NAME=value".
std::vector<std::string> fenced_environment(const Request& request);

// What the program does when it was started as a worker: the whole run. Returns the exit code.
int run_worker();

}  // namespace ktl
