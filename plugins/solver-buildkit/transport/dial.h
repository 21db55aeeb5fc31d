// From an address to a connected carrier.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "builders/address.h"
#include "transport/carrier.h"
#include "transport/command_carrier.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {

// Connects to `address`, of which the names have been followed and which is not the private
// builder's. `h2`: HTTP/2 will be spoken at once, else HTTP/1.1 first (TLS must know). `open`
// opens the way there. kUnavailable, kCancelled, kInvalidArgument: as the carriers
// say.
Result<std::unique_ptr<Carrier>> dial(const builder::Address& address, bool h2,
                                      const OpenProgram& open, const Cancelled& cancelled);

// Whether who listens on the way to `address` can read and change everything.
bool is_exposed(const builder::Address& address);

}  // namespace ktl::solver
