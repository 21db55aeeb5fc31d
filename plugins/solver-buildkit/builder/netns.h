// What is made inside a builder's network namespace, to be worked with from the outside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::builder {

inline constexpr const char* kTun = "/dev/net/tun";

// What to do where it cannot be opened.
std::string tun_advice();

// Descriptors that belong to the jail's network while their owner lives outside: nothing in the
// jail has to be trusted with them. `tap` is not valid when none was wanted.
struct NetworkEnds {
  UniqueFd tap;                     // frames without a header, one a read; not blocking
  std::vector<UniqueFd> listeners;  // 127.0.0.1, in the order of the ports; not blocking
};

// Makes them in the namespaces of `inmate`, a process of this user's jail; brings the tap device up
// as 10.0.2.100/24 with 10.0.2.2 as the way out. kUnavailable names what the kernel refused.
Result<NetworkEnds> make_network_ends(pid_t inmate, bool tap, const std::vector<uint16_t>& ports);

}  // namespace ktl::builder
