// The request document: everything that was asked for, in one place.
#pragma once

#include <string>
#include <vector>

#include "cli/request/convert.h"

namespace ktl::cli {

// ktl.request/1 (docs/documents.md) of one `ktl build`. `words`: what followed the command besides
// flags. kInvalidArgument says which word, flag or variable is wrong and what to write instead.
Result<json::object> make_request(const FlagSet& flags, const Settings& settings,
                                  const std::vector<std::string>& words,
                                  const Surroundings& surroundings);

// How progress is shown: auto, tty, plain, quiet or rawjson, from --progress, --output and -q.
Result<std::string> display_mode(const Settings& settings);

}  // namespace ktl::cli
