// Registries that give tokens for credentials, asked so that nobody else has to hold a password.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "oci/registry/authorizer.h"

namespace ktl::oci {

// Remembers what each registry said of itself, and believes nobody else about it: neither a realm
// nor that a password is wanted. Thread rule: any thread, if the transport may be used so.
class TokenExchange {
 public:
  // `speaks_plain`: whether that registry has no TLS; empty: loopback ones have none.
  TokenExchange(std::unique_ptr<http::Transport> transport, CredentialSource source,
                std::function<bool(std::string_view registry)> speaks_plain);

  // Asks the registry once. kUnavailable and the like: it could not be asked, or is none.
  Result<Entry> entry(const std::string& registry);

  // A token for `scopes` and what is known of the user. kNotFound: it gives no tokens.
  Result<Token> token(const std::string& registry, std::vector<std::string> scopes);

 private:
  Result<Challenge> challenge(const std::string& registry);
  [[nodiscard]] bool is_plain(const std::string& registry) const;

  const std::unique_ptr<http::Transport> transport_;
  const CredentialSource source_;
  const std::function<bool(std::string_view)> speaks_plain_;
  std::mutex mutex_;                             // held while a registry is asked
  std::map<std::string, Challenge> challenges_;  // guarded by mutex_; no scheme: open
};

}  // namespace ktl::oci
