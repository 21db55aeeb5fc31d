// The exec form of an instruction: ["program", "argument"].
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::dockerfile {

// `text` as a JSON array of strings (RFC 8259). nothing: it is not a JSON array, so the caller
// reads it as plain words; kInvalidArgument: it is one, but with something else than strings
// inside. Escapes that name half a surrogate pair and bytes that are no UTF-8 become U+FFFD.
Result<std::optional<std::vector<std::string>>> parse_json_array(std::string_view text);

}  // namespace ktl::dockerfile
