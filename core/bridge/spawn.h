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

// A command that has to be executed instead of the program: one that makes a fence and runs the
// program behind it (wrapped-1).
struct Wrapped {
  std::vector<std::string> argv;  // argv[0] is a path
  std::vector<std::string> environment;
  struct File {
    int fd;  // its number there
    std::string text;
  };
  std::vector<File> files;
};
// The descriptor to which a wrapped command writes its own log.
inline constexpr int kLogFd = 4;

// A process that has nothing but stdin from /dev/null, stdout and stderr into a pipe, and its end
// of the socket at kBridgeFd; signals as at the start of a program.
struct Spawned {
  Child process;
  UniqueFd socket;
  UniqueFd output;  // where its pipe is read
  UniqueFd log;     // the same of what a wrapped command writes to kLogFd
};
Result<Spawned> spawn_bridge(const std::string& program,
                             const std::vector<std::string>& environment);

// The same behind a fence. The command is killed when the thread that started it ends.
Result<Spawned> spawn_wrapped(const Wrapped& wrapped);

// Becomes a wrapped command, with our own 0, 1 and 2; `log` (borrowed) is where it writes its log.
// Returns only to say why not.
Status exec_wrapped(const Wrapped& wrapped, int log);

// How the child behind `pidfd` has ended, without reaping it: "ended with exit code 1", "was killed
// by signal 9 (SIGKILL)"; after `wait_ms` without an end "closed its connection". `wrapped`: it is
// what makes a fence, and its exit code tells of who was behind it.
std::string end_of_process(int pidfd, int wait_ms, bool wrapped = false);

}  // namespace ktl::bridge
