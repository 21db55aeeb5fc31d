#include "services/ssh.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "ssh.pb.h"

namespace ktl::solver {
namespace {

using moby::sshforward::v1::BytesMessage;
using moby::sshforward::v1::CheckAgentRequest;
using moby::sshforward::v1::CheckAgentResponse;

constexpr size_t kPiece = 32U << 10U;

std::string agent_id(const std::string& text) { return text.empty() ? "default" : text; }

Status send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return errno_status("write to the ssh agent", errno);
    }
    bytes.remove_prefix(sent < 0 ? 0 : static_cast<size_t>(sent));
  }
  return {};
}

// The builder's bytes to the agent, then its half close.
void builder_to_agent(Rpc& rpc, int socket) {
  while (true) {
    Result<std::optional<std::string>> bytes = rpc.read();
    BytesMessage message;
    if (!bytes.ok()) {
      ::shutdown(socket, SHUT_RDWR);  // also ends agent_to_builder
      return;
    }
    if (!*bytes || !message.ParseFromString(**bytes) || !send_all(socket, message.data()).ok()) {
      ::shutdown(socket, SHUT_WR);
      return;
    }
  }
}

Status agent_to_builder(Rpc& rpc, int socket) {
  std::array<char, kPiece> buffer{};
  BytesMessage message;
  while (true) {
    const ssize_t size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size == 0) {
      return {};
    }
    if (size < 0) {
      if (errno == EINTR) {
        continue;
      }
      return errno_status("read from the ssh agent", errno);
    }
    message.set_data(buffer.data(), static_cast<size_t>(size));
    KTL_TRY(rpc.write(message.SerializeAsString()));
  }
}

Status forward(Host& host, Rpc& rpc) {
  KTL_ASSIGN(const UniqueFd socket, host.ssh_agent(agent_id(rpc.value("buildkit.ssh.id"))));
  std::thread reader([&rpc, &socket] { builder_to_agent(rpc, socket.get()); });
  Status status = agent_to_builder(rpc, socket.get());
  rpc.cancel_read();
  reader.join();
  return status;
}

Result<CheckAgentResponse> check(Host& host, const CheckAgentRequest& request) {
  KTL_ASSIGN(const UniqueFd socket, host.ssh_agent(agent_id(request.id())));
  return CheckAgentResponse();
}

}  // namespace

std::vector<Method> ssh_methods(Host& host) {
  return {
      {"/moby.sshforward.v1.SSH/CheckAgent",
       unary<CheckAgentRequest>(
           [&host](Rpc&, const CheckAgentRequest& request) { return check(host, request); })},
      {"/moby.sshforward.v1.SSH/ForwardAgent", [&host](Rpc& rpc) { return forward(host, rpc); }}};
}

}  // namespace ktl::solver
