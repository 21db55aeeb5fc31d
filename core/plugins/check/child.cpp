#include "core/plugins/check/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include "base/fd.h"

namespace ktl {
namespace {

constexpr size_t kMaxSaid = 4U << 20U;
constexpr size_t kMaxPrinted = 4096;
constexpr rlim_t kMaxFile = 256U << 20U;
constexpr std::string_view kEnd = "\"end\"";

struct Papers {
  UniqueFd said;
  UniqueFd printed;
};

[[noreturn]] void be_child(const std::function<void(const Say&)>& work, const Papers& papers) {
  setsid();
  rlimit none{0, 0};
  rlimit file{kMaxFile, kMaxFile};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_FSIZE, &file);
  UniqueFd nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing.valid()) {
    std::abort();  // seen by the parent, as every end that was not said is
  }
  dup2(nothing.get(), STDIN_FILENO);
  dup2(papers.printed.get(), STDOUT_FILENO);
  dup2(papers.printed.get(), STDERR_FILENO);
  std::mutex mutex;
  work([&](const json::value& value) {
    std::lock_guard lock(mutex);
    [[maybe_unused]] Status told = write_all(papers.said.get(), json::serialize(value) + "\n");
  });
  [[maybe_unused]] Status told = write_all(papers.said.get(), std::string(kEnd) + "\n");
  _exit(0);
}

std::string content_of(int fd, size_t limit) {
  std::string bytes(limit, '\0');
  ssize_t got = pread(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
  return bytes;
}

// Only whole lines of JSON count: the child may have been stopped in the middle of one, and its
// plugin may have written there itself.
void read_said(const std::string& text, ChildEnd& end) {
  for (size_t at = 0, next = 0; (next = text.find('\n', at)) != std::string::npos; at = next + 1) {
    auto value = parse_json(std::string_view(text).substr(at, next - at));
    if (value.ok() && value->is_string()) {
      end.finished = true;
    } else if (value.ok()) {
      end.said.push_back(*std::move(value));
    }
  }
}

}  // namespace

Result<ChildEnd> run_in_child(const std::function<void(const Say&)>& work, int64_t timeout_ms) {
  Papers papers{UniqueFd(memfd_create("said", MFD_CLOEXEC)),
                UniqueFd(memfd_create("printed", MFD_CLOEXEC))};
  if (!papers.said.valid() || !papers.printed.valid()) {
    return errno_status("memfd_create", errno);
  }
  pid_t pid = fork();
  if (pid < 0) {
    return errno_status("fork", errno);
  }
  if (pid == 0) {
    be_child(work, papers);
  }
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  pollfd ended{pidfd.get(), POLLIN, 0};
  ChildEnd end;
  end.timed_out = poll(&ended, 1, static_cast<int>(timeout_ms)) <= 0;
  if (end.timed_out) {
    kill(pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  kill(-pid, SIGKILL);  // what the plugin left in the child's session
  end.signal = !end.timed_out && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.printed = content_of(papers.printed.get(), kMaxPrinted);
  read_said(content_of(papers.said.get(), kMaxSaid), end);
  return end;
}

}  // namespace ktl
