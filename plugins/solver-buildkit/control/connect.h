// From an address to a client of the builder there.
#pragma once

#include <memory>

#include "builders/address.h"
#include "control/client.h"
#include "transport/command_carrier.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {

// Connects to `address`, of which the names have been followed. A docker daemon is spoken to in
// HTTP/2 on its socket, or, when it is an old one (before 23.0), through its HTTP/1.1 endpoints
// /grpc and /session. `open` opens the way there, and may be asked as long as the client lives.
// kUnavailable, kUnimplemented, kInvalidArgument, kCancelled.
Result<std::unique_ptr<ControlClient>> connect(const builder::Address& address,
                                               const OpenProgram& open, const Cancelled& cancelled);

}  // namespace ktl::solver
