// What a builder of ktl's own has to reach for a build, and nothing besides.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/document/plan.h"
#include "core/document/request.h"

namespace ktl {

// The network profile of the builder, as ktl.builder/1 has it. "host" for those who ask for it
// twice. For steps without a network and for those with a list "allow:" and the hosts of
// builder_hosts(), or "none" where there are none: another list is another builder. Else
// "internet".
std::string builder_network(const Request& request, const Plan& plan);

// HOST[:PORT], sorted, each once: the list of the plan's fence, then where its sources, caches and
// named contexts are. A host with its port may be on a private network or this machine, so a port
// comes only from what the user wrote, never from a Dockerfile; a loopback address that only a
// Dockerfile names is left out.
std::vector<std::string> builder_hosts(const Request& request, const Plan& plan);

// Ports of this machine's loopback that the builder is to be led to: those of registries and hosts
// that the user named. What a Dockerfile names opens nothing, or any service here could be read by
// naming it (registries: in ktl.yaml does for FROM).
std::vector<int64_t> builder_loopback_ports(const Request& request, const Plan& plan);

}  // namespace ktl
