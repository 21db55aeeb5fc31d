// Bytes from one connection to another, both ways, without copying them through this process.
#pragma once

#include <cstdint>

#include "base/fd.h"

namespace ktl::builder {

struct Pumped {
  int64_t there = 0;  // bytes from a to b
  int64_t back = 0;
};

// Until both have said all, one of them fails, nothing moves for `idle_ms`, or `stop` is readable.
// The end of one direction is handed on (shutdown(2)), the other goes on. Both become non-blocking.
Pumped pump(int a, int b, int stop, int64_t idle_ms);

}  // namespace ktl::builder
