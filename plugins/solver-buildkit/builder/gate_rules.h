// Who may go through a builder's gate, and where to.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "builder/network.h"

namespace ktl::builder {

// The head of a request to the gate (RFC 9112): CONNECT, or another method with an absolute target.
struct GateRequest {
  bool connect = false;
  HostPort target;   // host in lower case; the port is never 0
  std::string head;  // what the target itself is sent: nothing for CONNECT
  std::string method;
};

// `head` ends with the empty line. kInvalidArgument for what a gate should not have to guess about:
// user names in a target, a trailing dot, a port that is no number, other targets, broken lines.
Result<GateRequest> parse_gate_request(std::string_view head);

// Whether the list has that host, with that port or without one.
bool is_listed(const std::vector<HostPort>& list, const HostPort& target);

// An address to connect to.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;
};

// The addresses of the target that may be connected to. Those of this machine, of its links and of
// private networks only where host and port are listed together, since a public name may lead to
// them. kPermissionDenied: none is left; kUnavailable: the name has none.
Result<std::vector<Endpoint>> resolve_target(const std::vector<HostPort>& list,
                                             const HostPort& target);

// Whether an address is one of the internet's (RFC 6890).
bool is_public(const Endpoint& endpoint);

}  // namespace ktl::builder
