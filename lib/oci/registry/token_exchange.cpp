#include "oci/registry/token_exchange.h"

#include "oci/reference.h"

namespace ktl::oci {
namespace {

constexpr int64_t kConnectMs = 10'000;
constexpr int64_t kTimeoutMs = 30'000;

}  // namespace

TokenExchange::TokenExchange(std::unique_ptr<http::Transport> transport, CredentialSource source,
                             std::function<bool(std::string_view registry)> speaks_plain)
    : transport_(std::move(transport)),
      source_(std::move(source)),
      speaks_plain_(std::move(speaks_plain)) {}

bool TokenExchange::is_plain(const std::string& registry) const {
  return speaks_plain_ ? speaks_plain_(registry) : is_loopback_registry(registry);
}

Result<Challenge> TokenExchange::challenge(const std::string& registry) {
  const std::lock_guard lock(mutex_);
  if (auto known = challenges_.find(registry); known != challenges_.end()) {
    return known->second;
  }
  const Reference name{registry, "any", "", ""};
  http::Request request;
  request.url = (is_plain(registry) ? "http://" : "https://") + name.registry_host() + "/v2/";
  request.connect_timeout_ms = kConnectMs;
  request.timeout_ms = kTimeoutMs;
  auto answer = transport_->send(request);
  if (!answer.ok()) {
    return std::move(answer).status().in("ask " + registry + " what it wants to see");
  }
  Challenge found = answer->ok() ? Challenge() : choose_challenge(answer->headers);
  if (!answer->ok() && (answer->status != 401 || found.scheme.empty())) {
    return Status(Code::kUnavailable, registry + " answers /v2/ with HTTP " +
                                          std::to_string(answer->status) + ": no registry")
        .advise("check the name of the registry");
  }
  return challenges_.emplace(registry, std::move(found)).first->second;
}

Result<Entry> TokenExchange::entry(const std::string& registry) {
  KTL_ASSIGN(const Challenge wanted, challenge(registry));
  return wanted.scheme.empty()       ? Entry::kOpen
         : wanted.scheme == "bearer" ? Entry::kToken
                                     : Entry::kBasic;
}

Result<Token> TokenExchange::token(const std::string& registry, std::vector<std::string> scopes) {
  KTL_ASSIGN(const Challenge wanted, challenge(registry));
  if (wanted.scheme != "bearer") {
    return Status(Code::kNotFound, registry + " gives no tokens");
  }
  KTL_ASSIGN(const auto credentials, source_(registry));
  return fetch_token(*transport_, {registry, !is_plain(registry), std::move(scopes)}, wanted,
                     credentials);
}

}  // namespace ktl::oci
