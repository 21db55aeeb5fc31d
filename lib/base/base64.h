// Base64 of RFC 4648 section 4, for credentials and documents in documents.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl {

// With padding, on one line.
std::string base64_encode(std::string_view bytes);

// Standard alphabet, padded or not; anything else (white space too) is kInvalidArgument.
Result<std::string> base64_decode(std::string_view text);

}  // namespace ktl
