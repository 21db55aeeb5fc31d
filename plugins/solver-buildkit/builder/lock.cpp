#include "builder/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/clock.h"

namespace ktl::builder {

Result<UniqueFd> lock_file(const std::filesystem::path& file, LockMode mode, int64_t wait_ms,
                           const std::function<bool()>& cancelled) {
  KTL_ASSIGN(UniqueFd fd, open_file(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  int operation = (mode == LockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  int64_t deadline = system_clock().monotonic_ns() + wait_ms * 1'000'000;
  while (::flock(fd.get(), operation) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return errno_status("lock " + file.string(), errno);
    }
    if (cancelled()) {
      return Status(Code::kCancelled, "cancelled while waiting for " + file.string());
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return Status(Code::kDeadlineExceeded, file.string() + " is held by another process");
    }
    ::usleep(10'000);
  }
  return fd;
}

}  // namespace ktl::builder
