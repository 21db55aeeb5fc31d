// Sockets that lead to builders.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::builder {

// Asked while something may take long; true: give up.
using Cancelled = std::function<bool()>;

// Connects to the daemon that listens on the unix socket `path`. kInvalidArgument: the path does
// not fit into a socket address (107 bytes); kUnavailable: nobody listens there.
Result<UniqueFd> connect_unix(const std::string& path);

// Connects by TCP to each address of `host` in turn, 10 s at most in all. A peer that vanishes
// without a word is noticed after about a minute (TCP keepalive).
// kUnavailable: unknown name, or nobody listens there; kCancelled.
Result<UniqueFd> connect_tcp(const std::string& host, uint16_t port, const Cancelled& cancelled);

// Waits until `fd` is ready for `events` (poll(2)). kDeadlineExceeded at `deadline_ns` of the
// monotonic clock; kCancelled.
Status wait_for(int fd, short events, int64_t deadline_ns, const Cancelled& cancelled);

}  // namespace ktl::builder
