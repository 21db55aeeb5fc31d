// Flags that speak of one result, where a command may have several: `ktl build api worker`.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/options/parse.h"
#include "cli/request/settings.h"

namespace ktl::cli {

// Such a flag is not for a target that is only built because another one needs it.
bool is_of_one_result(std::string_view option);

// kInvalidArgument when flag or environment give one name, file or place for several targets.
Status check_one_result(const FlagSet& flags, const Parsed& parsed, const Environment& environment);

}  // namespace ktl::cli
