#include "services/auth.h"

#include "auth.pb.h"

namespace ktl::solver {
namespace {

using moby::filesync::v1::CredentialsRequest;
using moby::filesync::v1::CredentialsResponse;

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

}  // namespace

std::vector<Method> auth_methods(Host& host) {
  return {{"/moby.filesync.v1.Auth/Credentials", [&host](Rpc& rpc) { return answer(host, rpc); }}};
}

}  // namespace ktl::solver
