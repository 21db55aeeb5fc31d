// Whether a registry takes credentials, asked before they are stored.
#pragma once

#include <string>

#include "http/client.h"
#include "oci/credentials.h"

namespace ktl::oci {

// kAccepted: the registry, or its token server, took them. kOpen: it asks nobody who they are, so
// that nothing could be checked.
enum class LoginAnswer { kAccepted, kOpen };

// Asks `registry` ("docker.io", "127.0.0.1:5000") over TLS, or over plain HTTP when `plain`.
// kUnauthenticated: refused; kUnavailable and the like: it could not be asked.
Result<LoginAnswer> try_login(http::Transport& transport, const std::string& registry, bool plain,
                              const Credentials& credentials);

}  // namespace ktl::oci
