// Hands an image to the docker of this machine: POST /images/load of its API.
// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Image/operation/ImageLoad
#pragma once

#include <filesystem>
#include <string>

#include "base/status.h"
#include "http/client.h"

namespace ktl::export_oci {

// The socket of $DOCKER_HOST, else /var/run/docker.sock. kUnavailable: there is none;
// kInvalidArgument: an address that is no unix socket.
Result<std::string> docker_socket();

// Sends `archive` (a docker tar file). kUnavailable: docker does not answer, or refuses it; its
// words are in the message.
Status docker_load(http::Transport& transport, const std::string& socket,
                   const std::filesystem::path& archive);

}  // namespace ktl::export_oci
