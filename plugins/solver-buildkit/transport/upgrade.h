// HTTP/1.1's Upgrade (RFC 9110 section 7.8): how an old docker daemon lets BuildKit through.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "transport/carrier.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {

// Asks for "POST `path`" to become an HTTP/2 connection. From its success on the carrier carries
// that. 10 s and 16 KiB of headers at most.
// kInvalidArgument: a header with a line break; kUnimplemented: another answer than 101;
// kUnavailable, kCancelled.
Status upgrade(Carrier& carrier, const std::string& path,
               const std::vector<std::pair<std::string, std::string>>& headers,
               const Cancelled& cancelled);

}  // namespace ktl::solver
