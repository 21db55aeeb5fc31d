// Starts this very program once more, as the other side of a bridge.
#pragma once

#include <string>
#include <vector>

#include "base/process.h"
#include "core/bridge/link.h"

namespace ktl::bridge {

// The word that makes the program serve a bridge, and the descriptor it finds there. Said by hand
// it is refused (entry.h).
inline constexpr const char* kBridgeWord = "--bridge";
inline constexpr int kBridgeFd = 3;

// A process that has nothing but stdin from /dev/null, stdout and stderr into a pipe, and its end
// of the socket at kBridgeFd; signals as at the start of a program.
struct Spawned {
  Child process;
  UniqueFd socket;
  UniqueFd output;  // where its pipe is read
};
Result<Spawned> spawn_bridge(const std::string& program,
                             const std::vector<std::string>& environment);

// How the child behind `pidfd` has ended, without reaping it: "ended with exit code 1", "was killed
// by signal 9 (SIGKILL)"; after `wait_ms` without an end "closed its connection".
std::string end_of_process(int pidfd, int wait_ms);

}  // namespace ktl::bridge
