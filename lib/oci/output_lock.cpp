#include "oci/output_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "base/clock.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr auto kPause = std::chrono::milliseconds(50);

fs::path sibling(const fs::path& destination, const char* suffix) {
  return destination.parent_path() / ("." + destination.filename().string() + suffix);
}

// The holder before us may have removed the file between our open and our flock.
bool still_there(int fd, const fs::path& path) {
  struct stat mine{};
  struct stat named{};
  return ::fstat(fd, &mine) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         mine.st_ino == named.st_ino && mine.st_dev == named.st_dev;
}

}  // namespace

fs::path OutputLock::temp_name(const fs::path& destination) {
  return sibling(destination, ".ktl-tmp");
}
fs::path OutputLock::lock_name(const fs::path& destination) {
  return sibling(destination, ".ktl-lock");
}

Result<OutputLock> OutputLock::acquire(const fs::path& destination, int64_t wait_ms,
                                       const std::function<bool()>& stop) {
  fs::path path = lock_name(destination);
  int64_t deadline = system_clock().monotonic_ns() + wait_ms * kNsPerMs;
  while (true) {
    KTL_ASSIGN(UniqueFd fd, open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600));
    bool locked = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
    if (locked && still_there(fd.get(), path)) {
      return OutputLock(std::move(path), std::move(fd));
    }
    if (!locked && errno != EWOULDBLOCK && errno != EINTR) {
      return errno_status("lock " + path.string(), errno);
    }
    if (stop()) {
      return Status(Code::kCancelled, "stopped while waiting for " + destination.string());
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return Status(Code::kUnavailable, "another ktl is writing " + destination.string())
          .advise("wait for it to end, or name another output");
    }
    if (!locked) {
      std::this_thread::sleep_for(kPause);
    }
  }
}

OutputLock::~OutputLock() {
  if (fd_.valid()) {
    ::unlink(path_.c_str());
  }
}

}  // namespace ktl::oci
