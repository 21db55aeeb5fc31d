#include "builder/lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "base/clock.h"
#include "builder/family.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxLocks = 4U << 20U;
constexpr int64_t kFirstPauseMs = 1;
constexpr int64_t kLastPauseMs = 50;

bool is_at(const UniqueFd& fd, const std::filesystem::path& file) {
  struct stat open{};
  struct stat named{};
  return ::fstat(fd.get(), &open) == 0 && ::lstat(file.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

Status held(const std::filesystem::path& file) {
  std::vector<pid_t> holders = lock_holders(file);
  std::string who = holders.empty() ? "a process that is not visible here"
                                    : fmt::format("process {}", fmt::join(holders, ", "));
  return {Code::kDeadlineExceeded, file.string() + " is held by " + who};
}

std::vector<pid_t> takers_of(const struct stat& info) {
  std::vector<pid_t> takers;
  auto fd = open_file("/proc/locks", O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxLocks) : Result<std::string>(fd.status());
  std::string place =
      fmt::format("{:02x}:{:02x}:{}", major(info.st_dev), minor(info.st_dev), info.st_ino);
  std::istringstream lines(text.ok() ? *text : "");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, kind, manner, access, where;
    pid_t pid = 0;
    fields >> number >> kind >> manner >> access >> pid >> where;
    if (kind == "FLOCK" && where == place && pid > 0) {
      takers.push_back(pid);
    }
  }
  return takers;
}

bool has_open(pid_t pid, const struct stat& file) {
  std::error_code error;
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid) + "/fd", error);
  return std::any_of(begin(open), end(open), [&](const auto& entry) {
    struct stat info{};
    return ::stat(entry.path().c_str(), &info) == 0 && info.st_ino == file.st_ino &&
           info.st_dev == file.st_dev;
  });
}

}  // namespace

Result<UniqueFd> open_own(const std::filesystem::path& file, int flags) {
  auto fd = open_file(file, flags | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (!fd.ok()) {
    return Status(Code::kFailedPrecondition, fd.status().message()).advise("see what is there");
  }
  struct stat info{};
  if (::fstat(fd->get(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != ::geteuid()) {
    return Status(Code::kFailedPrecondition, file.string() + " is no file of this user's own")
        .advise("remove it");
  }
  return fd;
}

Result<UniqueFd> lock_file(const std::filesystem::path& file, LockMode mode, int64_t wait_ms,
                           const Caller& caller) {
  KTL_ASSIGN(UniqueFd fd, open_own(file, O_RDWR));
  int operation = (mode == LockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  int64_t deadline = system_clock().monotonic_ns() + wait_ms * 1'000'000;
  int64_t pause = kFirstPauseMs;
  while (true) {
    if (::flock(fd.get(), operation) == 0) {
      if (is_at(fd, file)) {
        return fd;
      }
      KTL_ASSIGN(fd, open_own(file, O_RDWR));
      continue;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return errno_status("lock " + file.string(), errno);
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return held(file);
    }
    if (caller.pause(pause)) {
      return Status(Code::kCancelled, "cancelled while waiting for " + file.string());
    }
    pause = std::min(2 * pause, kLastPauseMs);
  }
}

std::vector<pid_t> lock_holders(const std::filesystem::path& file) {
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) {
    return {};
  }
  std::vector<pid_t> takers = takers_of(info);
  if (std::erase_if(takers, [&](pid_t pid) { return !has_open(pid, info); }) > 0 &&
      takers.empty()) {
    takers = all_processes();
    std::erase_if(takers, [&](pid_t pid) { return pid == ::getpid() || !has_open(pid, info); });
  }
  return takers;
}

void wake_holders(const std::filesystem::path& file) {
  for (pid_t pid : lock_holders(file)) {
    ::kill(pid, SIGCONT);
  }
}

}  // namespace ktl::builder
