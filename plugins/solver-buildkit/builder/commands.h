// `ktl builder ls|inspect|start|stop|du|prune|supervise`: the private builder's life by hand.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "builder/builder.h"
#include "builder/disk.h"

namespace ktl::builder {

// Runs one of the commands; the result is what goes to stdout. `request` says where builders live
// and how they are configured; its address is not looked at. kInvalidArgument for words that are no
// command; else as resolve_builder and stop_builder.
Result<std::string> run_builder_command(const std::vector<std::string>& words,
                                        BuilderRequest request, const OpenDisk& open_disk,
                                        const Caller& caller);

}  // namespace ktl::builder
