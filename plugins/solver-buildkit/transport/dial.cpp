#include "transport/dial.h"

#include "transport/tls_carrier.h"

namespace ktl::solver {
namespace {

using builder::Address;

std::unique_ptr<Carrier> plain(UniqueFd socket) {
  return std::make_unique<SocketCarrier>(std::move(socket));
}

Result<std::unique_ptr<Carrier>> through(const std::string& program, const OpenProgram& open) {
  Result<ProgramLine> line = open();
  if (line.ok()) {
    return program_carrier(program, *std::move(line));
  }
  return line.status().code() == Code::kUnavailable
             ? Status(Code::kUnavailable, program + " cannot be started")
                   .advise("install " + program + ", or name another builder")
             : std::move(line).status();
}

Result<UniqueFd> socket_to(const Address& address, const OpenProgram& open) {
  Result<ProgramLine> line = open();
  if (line.ok()) {
    return std::move(line->stream);
  }
  return line.status().code() == Code::kUnavailable
             ? Status(Code::kUnavailable,
                      "nobody listens at " + (address.path.empty() ? address.host : address.path))
             : std::move(line).status();
}

}  // namespace

Result<std::unique_ptr<Carrier>> dial(const Address& address, bool h2, const OpenProgram& open,
                                      const Cancelled& cancelled) {
  switch (address.kind) {
    case Address::Kind::kUnix:
    case Address::Kind::kTcp: {
      KTL_ASSIGN(UniqueFd socket, socket_to(address, open));
      if (!address.tls) {
        return plain(std::move(socket));
      }
      return shake_hands(std::move(socket), address.host, *address.tls, h2, cancelled);
    }
    case Address::Kind::kCommand:
      return through(address.command.front(), open);
    default:
      return Status(Code::kInternal, address.text + " is an address that was not followed");
  }
}

bool is_exposed(const Address& address) {
  return address.kind == Address::Kind::kTcp && !address.tls && address.host != "localhost" &&
         address.host != "::1" && !address.host.starts_with("127.");
}

}  // namespace ktl::solver
