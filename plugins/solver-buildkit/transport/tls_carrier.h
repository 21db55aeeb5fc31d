// TLS over a socket, as a gRPC client needs it.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "builders/tls_files.h"
#include "transport/carrier.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {

// Shakes hands on the connected `socket`: TLS 1.2 or later, ALPN "h2" (RFC 7301) when `h2`, the
// builder's certificate and name always checked; 10 s at most.
// kInvalidArgument: a file that does not load, naming it; kUnavailable: the handshake failed, in a
// sentence that says whose certificate is wrong and how; kCancelled.
Result<std::unique_ptr<Carrier>> shake_hands(UniqueFd socket, const std::string& host,
                                             const builder::TlsFiles& files, bool h2,
                                             const Cancelled& cancelled);

}  // namespace ktl::solver
