// The request document: everything that was asked for, in one place.
#pragma once

#include <string>
#include <vector>

#include "cli/request/convert.h"

namespace ktl::cli {

// ktl.request/1 (docs/documents.md) of one build. `context`: see subjects.h. kInvalidArgument says
// which flag or variable is wrong and what to write instead.
Result<json::object> make_request(const FlagSet& flags, const Settings& settings,
                                  const std::string& context, const Surroundings& surroundings);

// How progress is shown: auto, tty, plain, quiet or rawjson, from --progress, --output and -q.
Result<std::string> display_mode(const Settings& settings);

}  // namespace ktl::cli
