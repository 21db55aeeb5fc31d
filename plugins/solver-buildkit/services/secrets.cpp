#include "services/secrets.h"

#include "secrets.pb.h"

namespace ktl::solver {
namespace {

using moby::buildkit::secrets::v1::GetSecretRequest;
using moby::buildkit::secrets::v1::GetSecretResponse;

Status answer(Host& host, Rpc& rpc) {
  KTL_ASSIGN(std::optional<std::string> bytes, rpc.read());
  GetSecretRequest request;
  if (!bytes || !request.ParseFromString(*bytes)) {
    return {Code::kInvalidArgument, "the request for a secret does not parse"};
  }
  KTL_ASSIGN(std::string value, host.secret(request.id()));
  GetSecretResponse response;
  response.set_data(value);
  wipe(value);
  std::string reply = response.SerializeAsString();
  wipe(*response.mutable_data());
  const Status sent = rpc.write(reply);
  wipe(reply);
  return sent;
}

}  // namespace

std::vector<Method> secret_methods(Host& host) {
  return {{"/moby.buildkit.secrets.v1.Secrets/GetSecret",
           [&host](Rpc& rpc) { return answer(host, rpc); }}};
}

}  // namespace ktl::solver
