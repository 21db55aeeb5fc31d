// Answers a registry's challenge: basic credentials or a token for one repository.
// https://distribution.github.io/distribution/spec/auth/token/ and .../oauth/
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "http/client.h"
#include "oci/credentials.h"
#include "oci/registry/challenge.h"
#include "oci/registry/token.h"

namespace ktl::oci {

// Credentials for a registry as references name it; nullopt: go anonymously.
using CredentialSource = std::function<Result<std::optional<Credentials>>(std::string_view)>;

// Keeps the Authorization header for one registry and scope. Any thread.
class Authorizer {
 public:
  Authorizer(http::Transport& transport, TokenWish wish, CredentialSource source);
  Authorizer(const Authorizer&) = delete;
  Authorizer& operator=(const Authorizer&) = delete;
  ~Authorizer();

  // The header's value, "" before the first challenge, and which generation it is.
  struct Ticket {
    std::string value;
    uint64_t generation = 0;
  };
  Ticket ticket();

  // Gets a better value after a 401 to a request that carried `used`. When another thread did that
  // meanwhile, nothing is fetched. kUnauthenticated: the registry wants what nobody gave.
  Status answer(const Challenge& challenge, const Ticket& used);

 private:
  Result<std::string> header_for(const Challenge& challenge);

  http::Transport& transport_;
  const TokenWish wish_;
  CredentialSource source_;
  std::mutex mutex_;
  std::string value_;
  uint64_t generation_ = 0;
};

}  // namespace ktl::oci
