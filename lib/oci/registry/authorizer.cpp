#include "oci/registry/authorizer.h"

namespace ktl::oci {

Authorizer::Authorizer(http::Transport& transport, TokenWish wish, CredentialSource source)
    : transport_(transport), wish_(std::move(wish)), source_(std::move(source)) {}

Authorizer::~Authorizer() { Credentials::wipe(value_); }

Authorizer::Ticket Authorizer::ticket() {
  std::lock_guard lock(mutex_);
  return {value_, generation_};
}

Status Authorizer::answer(const Challenge& challenge, const Ticket& used) {
  std::lock_guard lock(mutex_);
  if (used.generation != generation_) {
    return {};
  }
  auto header = header_for(challenge);
  if (!header.ok()) {
    return std::move(header).status();
  }
  Credentials::wipe(value_);
  value_ = *std::move(header);
  ++generation_;
  return {};
}

Result<std::string> Authorizer::header_for(const Challenge& challenge) {
  std::optional<Credentials> credentials;
  if (source_) {
    KTL_ASSIGN(credentials, source_(wish_.registry));
  }
  if (challenge.scheme == "bearer") {
    KTL_ASSIGN(const Token token, fetch_token(transport_, wish_, challenge, credentials));
    return "Bearer " + token.value();
  }
  if (challenge.scheme != "basic") {
    return denied_by(wish_.registry,
                     "refuses the request and offers no way to authenticate that ktl knows");
  }
  if (!credentials) {
    return denied_by(wish_.registry, "wants a user and a password, and none are known");
  }
  if (credentials->is_identity_token()) {
    return denied_by(wish_.registry,
                     "wants a user and a password, and only an identity token is known");
  }
  return basic_header(*credentials);
}

}  // namespace ktl::oci
