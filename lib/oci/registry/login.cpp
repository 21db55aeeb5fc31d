#include "oci/registry/login.h"

#include "oci/reference.h"
#include "oci/registry/authorizer.h"
#include "oci/registry/challenge.h"

namespace ktl::oci {
namespace {

constexpr int64_t kTimeoutMs = 60'000;

Result<http::Response> ask(http::Transport& transport, const std::string& url,
                           const std::string& authorization) {
  http::Request request;
  request.url = url;
  request.timeout_ms = kTimeoutMs;
  if (!authorization.empty()) {
    request.headers.emplace_back("Authorization", authorization);
  }
  return transport.send(request);
}

Status refused(const std::string& registry, int status) {
  return Status(Code::kUnauthenticated,
                registry + " does not take these credentials (HTTP " + std::to_string(status) + ")")
      .advise("check user and password; registries often want an access token for the latter");
}

}  // namespace

Result<LoginAnswer> try_login(http::Transport& transport, const std::string& registry, bool plain,
                              const Credentials& credentials) {
  const Reference name{registry, "login", "", ""};
  const std::string url = (plain ? "http://" : "https://") + name.registry_host() + "/v2/";
  KTL_ASSIGN(const http::Response first, ask(transport, url, ""));
  if (first.ok()) {
    return LoginAnswer::kOpen;
  }
  const Challenge challenge = choose_challenge(first.headers);
  if (first.status != 401 || challenge.scheme.empty()) {
    return Status(Code::kUnavailable, registry + " answers /v2/ with HTTP " +
                                          std::to_string(first.status) + ": no registry")
        .advise("check the name of the registry");
  }
  Authorizer authorizer(transport, {registry, !plain, {}}, [&](std::string_view) {
    return Result<std::optional<Credentials>>(credentials.clone());
  });
  Status status = authorizer.answer(challenge, authorizer.ticket());
  if (!status.ok()) {
    return status.code() == Code::kUnauthenticated
               ? std::move(status).advise("check user and password")
               : status;
  }
  KTL_ASSIGN(const http::Response second, ask(transport, url, authorizer.ticket().value));
  return second.ok() ? Result<LoginAnswer>(LoginAnswer::kAccepted)
                     : refused(registry, second.status);
}

}  // namespace ktl::oci
