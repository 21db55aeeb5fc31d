// A piece of work in a process of its own, so that a crash is a line in a report.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// What is left of a child.
struct ChildEnd {
  json::array said;       // what the work said, in order
  std::string printed;    // what reached stdout and stderr, at most 4 KiB of it
  bool finished = false;  // the work came to its end
  bool timed_out = false;
  int signal = 0;  // that ended it; 0: none
};

// Tells the parent one thing; usable until the work returns. [any thread]
using Say = std::function<void(json::value)>;

// Forks, runs `work` in the child and waits for it, at most `timeout_ms`, after which the child and
// whatever it started in its session is killed. The child has /dev/null as stdin, no core file and
// files of at most 256 MiB. To be called while the process has one thread. kResourceExhausted: no
// process or no memory.
Result<ChildEnd> run_in_child(const std::function<void(const Say&)>& work, int64_t timeout_ms);

}  // namespace ktl
