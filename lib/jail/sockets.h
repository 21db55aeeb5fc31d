// Sockets through which one becomes root of this machine.
#pragma once

#include <string>

#include "jail/mount.h"

namespace ktl::jail {

// The unix socket that a bind shows inside: itself, or one of a container runtime below the folder
// it shows. Empty: none that ktl knows of.
std::string socket_in(const Mount& bind);

// Whether a socket is one of those of a container runtime (docker, containerd, podman, cri-o,
// buildkit), told by its name.
bool is_runtime_socket(const std::string& path);

}  // namespace ktl::jail
