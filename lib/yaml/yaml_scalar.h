// What a plain YAML scalar means under the 1.2 core schema.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// null, true, false, a number, or text. kInvalidArgument for a number that does not fit 64 bits or
// that JSON cannot hold (.inf, .nan).
Result<json::value> yaml_scalar(std::string_view text);

}  // namespace ktl
