// Tokens that open a registry for a short time, and how they are got for credentials.
// https://distribution.github.io/distribution/spec/auth/token/ and .../oauth/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "http/client.h"
#include "oci/credentials.h"
#include "oci/registry/challenge.h"

namespace ktl::oci {

// Who wants a token, and for what.
struct TokenWish {
  std::string registry;             // as references name it
  bool secure = true;               // the registry speaks TLS, and then so must the token server
  std::vector<std::string> scopes;  // "repository:library/app:pull,push"
};

// Asks the token server that `challenge` (a bearer one) names. kUnauthenticated: it cannot be
// trusted with credentials, or it gave nothing; the failures of `transport`.
Result<Token> fetch_token(http::Transport& transport, const TokenWish& wish,
                          const Challenge& challenge,
                          const std::optional<Credentials>& credentials);

// The value of an Authorization header with user and password; wipe it after use.
std::string basic_header(const Credentials& credentials);

// kUnauthenticated with the advice to log in: "REGISTRY why".
Status denied_by(const std::string& registry, const std::string& why);

}  // namespace ktl::oci
