// Who ends a builder whose supervisor was killed.
#pragma once

#include <sys/types.h>

#include "base/fd.h"
#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// A process that does nothing until its supervisor is gone. When the family is not gone by then, it
// asks the daemon to finish the builds it is running and to end, waits for that, and sweeps. It
// shares the family lock, so that no other daemon starts meanwhile. Killed itself, it leaves the
// same work to the next start. Started before any of the family is.
class Guardian {
 public:
  Guardian() = default;
  // `family` is the descriptor that holds the lock; borrowed.
  static Result<Guardian> start(const Site& site, const UniqueFd& family);
  Guardian(Guardian&& other) noexcept;
  Guardian& operator=(Guardian&& other) noexcept;
  ~Guardian();  // once the family is gone: waits until the process has ended

 private:
  UniqueFd alive_;  // its other end is closed when the supervisor is gone
  pid_t pid_ = 0;
};

}  // namespace ktl::builder
