// Whose connection comes out of a jail: the daemon's, or a step's.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

namespace ktl::builder {

// Whether the connection from `peer` to 127.0.0.1:`port` in the network of `inmate` belongs to it
// or to a program it runs for itself (git), which share its pid namespace; RUN steps have their
// own. What cannot be found out is not.
bool is_from_daemon(pid_t inmate, const sockaddr_in& peer, uint16_t port);

}  // namespace ktl::builder
