// The --sandbox flags: "sandbox" and "require" of ktl.request/1.
#pragma once

#include "base/json.h"
#include "cli/request/convert.h"
#include "cli/request/settings.h"

namespace ktl::cli {

// Puts them into `request`. kInvalidArgument: a bind or a path that is none.
Status settle_sandbox(const Settings& settings, const Surroundings& surroundings,
                      json::object& request);

}  // namespace ktl::cli
