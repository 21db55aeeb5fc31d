#include "session/tunnel.h"

#include "control.pb.h"

namespace ktl::solver {
namespace {

using moby::buildkit::v1::BytesMessage;

constexpr size_t kPiece = 256U << 10U;

}  // namespace

std::vector<std::pair<std::string, std::string>> session_metadata(
    const SessionName& name, const std::vector<Method>& methods) {
  std::vector<std::pair<std::string, std::string>> fields{
      {"x-docker-expose-session-uuid", name.id},
      {"x-docker-expose-session-sharedkey", name.shared_key}};
  for (const Method& method : methods) {
    fields.emplace_back("x-docker-expose-session-grpc-method", method.path);
  }
  return fields;
}

Tunnel::Tunnel(Channel& channel, const SessionName& name, const std::vector<Method>& methods)
    : server_(methods, [&channel] { channel.wake(); }) {
  CallSetup setup;
  setup.path = "/moby.buildkit.v1.Control/Session";
  setup.metadata = session_metadata(name, methods);
  setup.duplex = this;
  call_ = channel.start(std::move(setup));
}

Tunnel::~Tunnel() {
  server_.hang_up();
  call_.reset();
  server_.close();
}

std::optional<std::string> Tunnel::pull() {
  std::string bytes = server_.pull(kPiece);
  if (bytes.empty()) {
    return std::nullopt;
  }
  BytesMessage message;
  message.set_data(std::move(bytes));
  return message.SerializeAsString();
}

Status Tunnel::push(std::string message) {
  BytesMessage bytes;
  if (!bytes.ParseFromString(message)) {
    return {Code::kInternal, "the builder's session does not parse"};
  }
  return server_.receive(bytes.data());
}

}  // namespace ktl::solver
