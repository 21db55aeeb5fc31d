// `ktl builder supervise|inspect|stop`: the private builder's life by hand.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "builder/builder.h"

namespace ktl::builder {

// Runs one of the commands; the result is what goes to stdout. `request` says where builders live;
// its address is not looked at. kInvalidArgument for words that are no command.
Result<std::string> run_builder_command(const std::vector<std::string>& words,
                                        const BuilderRequest& request,
                                        const std::function<bool()>& cancelled);

}  // namespace ktl::builder
