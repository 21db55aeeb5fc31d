// The fence as it stands: what the kernel says about the process behind it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/status.h"
#include "core/document/isolation.h"

namespace ktl {

// The process that runs this very program at or below `top`, which made the fence around it.
// kNotFound: there is none.
Result<pid_t> fenced_process(pid_t top);

// Namespaces compared with our own, capabilities, privileges, network, whether a /proc or /sys can
// be written, and every path of this machine that is seen inside: lines of an isolation statement.
// What cannot be read is "unknown". Follows proc(5).
std::vector<IsolationLine> look_at_process(pid_t pid);

// How `path` looks from inside: "hidden", "visible" or "visible, the same as outside". Links are
// followed inside only.
std::string look_at_path(pid_t pid, const std::string& path);

}  // namespace ktl
