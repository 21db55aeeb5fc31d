// A pipe with owners for both ends.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/fd.h"
#include "base/status.h"

namespace ktl {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

// pipe2(2) with O_CLOEXEC.
inline Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

}  // namespace ktl
