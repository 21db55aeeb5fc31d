// A registry's refusal, as ktl tells it.
// https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
#pragma once

#include <string>

#include "base/status.h"
#include "http/client.h"

namespace ktl::oci {

// "<repository>: <what>: HTTP 403 DENIED: requested access to the resource is denied". The
// registry's text is cut to 300 bytes and freed of control characters.
Status failure_of_answer(const std::string& repository, const std::string& what,
                         const http::Response& response);

}  // namespace ktl::oci
