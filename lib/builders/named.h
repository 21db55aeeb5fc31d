// Builders by name: docker's contexts and the builders that buildx knows.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "builders/address.h"

namespace ktl::builder {

// One daemon that a name stands for.
struct NamedNode {
  Address address;                     // can be connected
  std::vector<std::string> platforms;  // that buildx was told to build there; mostly empty
};

// Follows the names in `address` (kDocker, kNamed) through the user's docker configuration
// (DOCKER_CONFIG or ~/.docker; DOCKER_HOST, DOCKER_CONTEXT, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH)
// to one that can be connected; other kinds stay as they are.
// The files: contexts/meta/<sha256 of the name>/meta.json with the TLS material in
// contexts/tls/<sha256>/docker, and buildx/instances/NAME, as the docker and buildx programs write
// them. They are bounded (1 MiB) and may say anything. kInvalidArgument: no such name, or a file
// that does not hold together or asks for TLS without verification. Several nodes only for a name
// of buildx's, at most 64.
Result<std::vector<NamedNode>> follow_names(Address address, const Getenv& getenv);

}  // namespace ktl::builder
