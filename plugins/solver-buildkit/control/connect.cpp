#include "control/connect.h"

#include "transport/dial.h"
#include "transport/upgrade.h"

namespace ktl::solver {
namespace {

using builder::Address;

std::string authority(const Address& address) {
  if (address.tls && !address.tls->server_name.empty()) {
    return address.tls->server_name;
  }
  return address.host.empty() ? "localhost" : address.host;
}

Result<std::unique_ptr<Channel>> open_channel(const Address& address, const OpenProgram& open,
                                              const Cancelled& cancelled) {
  KTL_ASSIGN(std::unique_ptr<Carrier> carrier, dial(address, true, open, cancelled));
  return std::make_unique<Channel>(std::move(carrier), authority(address));
}

Result<std::unique_ptr<Carrier>> upgraded(
    const Address& address, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& headers, const OpenProgram& open,
    const Cancelled& cancelled) {
  KTL_ASSIGN(std::unique_ptr<Carrier> carrier, dial(address, false, open, cancelled));
  KTL_TRY(upgrade(*carrier, path, headers, cancelled));
  return carrier;
}

Result<std::unique_ptr<ControlClient>> old_docker(const Address& address, const OpenProgram& open,
                                                  const Cancelled& cancelled) {
  KTL_ASSIGN(std::unique_ptr<Carrier> carrier, upgraded(address, "/grpc", {}, open, cancelled));
  auto dialer = [address, open](const SessionName& name, const std::vector<Method>& methods) {
    return upgraded(address, "/session", session_metadata(name, methods), open,
                    [] { return false; });
  };
  return std::make_unique<ControlClient>(
      std::make_unique<Channel>(std::move(carrier), authority(address)), dialer);
}

Result<std::unique_ptr<ControlClient>> docker(const Address& address, const OpenProgram& open,
                                              const Cancelled& cancelled) {
  Result<std::unique_ptr<Channel>> channel = open_channel(address, open, cancelled);
  if (channel.ok()) {
    auto client = std::make_unique<ControlClient>(*std::move(channel));
    if (client->info().ok()) {
      return client;
    }
  } else if (channel.status().code() != Code::kUnavailable || !address.tls) {
    return std::move(channel).status();  // with TLS it may be HTTP/2 that is refused
  }
  return old_docker(address, open, cancelled);
}

}  // namespace

Result<std::unique_ptr<ControlClient>> connect(const Address& address, const OpenProgram& open,
                                               const Cancelled& cancelled) {
  if (address.dockerd) {
    return docker(address, open, cancelled);
  }
  KTL_ASSIGN(std::unique_ptr<Channel> channel, open_channel(address, open, cancelled));
  return std::make_unique<ControlClient>(std::move(channel));
}

}  // namespace ktl::solver
