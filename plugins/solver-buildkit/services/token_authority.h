// The key by which the builder knows that tokens are fetched on this side.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

struct evp_pkey_st;  // EVP_PKEY of OpenSSL

namespace ktl::solver {

// An Ed25519 pair (RFC 8032) made for one session and never kept: a builder may not use the tokens
// of one session for another. Thread rule: any thread.
class TokenAuthority {
 public:
  static constexpr size_t kMaxPayload = 4096;

  // kInternal: there is no such key in this OpenSSL.
  static Result<std::shared_ptr<const TokenAuthority>> make();

  // 32 bytes.
  [[nodiscard]] const std::string& public_key() const { return public_key_; }
  // The signature and `payload` behind it, as NaCl's crypto_sign puts them together.
  [[nodiscard]] Result<std::string> sign(std::string_view payload) const;

 private:
  using Key = std::shared_ptr<evp_pkey_st>;
  TokenAuthority(Key key, std::string public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}

  const Key key_;
  const std::string public_key_;
};

}  // namespace ktl::solver
