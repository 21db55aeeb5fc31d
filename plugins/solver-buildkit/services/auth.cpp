#include "services/auth.h"

#include <mutex>

#include "auth.pb.h"
#include "services/token_authority.h"

namespace ktl::solver {
namespace {

using moby::filesync::v1::CredentialsRequest;
using moby::filesync::v1::CredentialsResponse;
using moby::filesync::v1::FetchTokenRequest;
using moby::filesync::v1::FetchTokenResponse;
using moby::filesync::v1::GetTokenAuthorityRequest;
using moby::filesync::v1::GetTokenAuthorityResponse;
using moby::filesync::v1::VerifyTokenAuthorityRequest;
using moby::filesync::v1::VerifyTokenAuthorityResponse;

constexpr std::string_view kIdentityToken = "<token>";

// Docker Hub's API host is not the name under which its credentials are kept.
std::string registry_of(const std::string& host) {
  return host == "registry-1.docker.io" ? "docker.io" : host;
}

Status answer(Host& host, Rpc& rpc) {
  KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
  CredentialsRequest request;
  if (!bytes || !request.ParseFromString(*bytes)) {
    return {Code::kInvalidArgument, "the request for credentials does not parse"};
  }
  CredentialsResponse response;
  Result<Credentials> found = host.credentials(registry_of(request.host()));
  if (found.ok()) {
    if (found->user != kIdentityToken) {
      response.set_username(found->user);
    }
    response.set_secret(found->secret);
    wipe(found->secret);
  } else if (found.status().code() != Code::kNotFound) {
    return std::move(found).status();
  }
  std::string reply = response.SerializeAsString();
  wipe(*response.mutable_secret());
  const Status sent = rpc.write(reply);
  wipe(reply);
  return sent;
}

// What the builder sends, parsed.
template <class Request>
Status read_request(Rpc& rpc, Request& request) {
  KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
  return bytes && request.ParseFromString(*bytes)
             ? Status()
             : Status(Code::kInvalidArgument, "a request about tokens does not parse");
}

// The session's key, made when it is first asked for: making it takes longer than most builds have
// work to do, and few need a token.
class SessionAuthority {
 public:
  // Null when there is no such key in this OpenSSL.
  const TokenAuthority* get() {
    std::call_once(once_, [this] {
      auto made = TokenAuthority::make();
      made_ = made.ok() ? *std::move(made) : nullptr;
    });
    return made_.get();
  }

 private:
  std::once_flag once_;
  std::shared_ptr<const TokenAuthority> made_;
};

// kUnavailable means to the builder: not here, do it yourself.
Status answer_authority(Host& host, SessionAuthority& session, Rpc& rpc) {
  GetTokenAuthorityRequest request;
  KTL_TRY(read_request(rpc, request));
  const bool ours = host.token(registry_of(request.host()), "").ok();
  const TokenAuthority* authority = ours ? session.get() : nullptr;
  if (authority == nullptr) {
    return {Code::kUnavailable, "no tokens are fetched here for " + request.host()};
  }
  GetTokenAuthorityResponse response;
  response.set_publickey(authority->public_key());
  return rpc.write(response.SerializeAsString());
}

Status answer_verify(SessionAuthority& session, Rpc& rpc) {
  VerifyTokenAuthorityRequest request;
  KTL_TRY(read_request(rpc, request));
  const TokenAuthority* authority = session.get();
  if (authority == nullptr) {
    return {Code::kUnavailable, "no tokens are fetched here"};
  }
  VerifyTokenAuthorityResponse response;
  KTL_ASSIGN(*response.mutable_signed_(), authority->sign(request.payload()));
  return rpc.write(response.SerializeAsString());
}

Status answer_token(Host& host, Rpc& rpc) {
  FetchTokenRequest request;
  KTL_TRY(read_request(rpc, request));
  std::string scopes;
  for (const std::string& scope : request.scopes()) {
    scopes += (scopes.empty() ? "" : " ") + scope;
  }
  if (scopes.empty()) {
    return {Code::kInvalidArgument, "a token without a scope opens nothing"};
  }
  KTL_ASSIGN(RegistryToken token, host.token(registry_of(request.host()), scopes));
  FetchTokenResponse response;
  response.set_token(token.value);
  response.set_expiresin(token.seconds);
  wipe(token.value);
  std::string reply = response.SerializeAsString();
  wipe(*response.mutable_token());
  const Status sent = rpc.write(reply);
  wipe(reply);
  return sent;
}

}  // namespace

std::vector<Method> auth_methods(Host& host) {
  auto authority = std::make_shared<SessionAuthority>();
  return {
      {"/moby.filesync.v1.Auth/Credentials", [&host](Rpc& rpc) { return answer(host, rpc); }},
      {"/moby.filesync.v1.Auth/GetTokenAuthority",
       [&host, authority](Rpc& rpc) { return answer_authority(host, *authority, rpc); }},
      {"/moby.filesync.v1.Auth/VerifyTokenAuthority",
       [authority](Rpc& rpc) { return answer_verify(*authority, rpc); }},
      {"/moby.filesync.v1.Auth/FetchToken", [&host](Rpc& rpc) { return answer_token(host, rpc); }},
  };
}

}  // namespace ktl::solver
