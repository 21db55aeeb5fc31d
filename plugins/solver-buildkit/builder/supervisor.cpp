#include "builder/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/json.h"
#include "base/process.h"
#include "base/sha256.h"
#include "builder/instance.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr int64_t kPollMs = 250;
constexpr int64_t kReadyMs = 30'000;
constexpr int64_t kTakeOverMs = 10'000;
constexpr int64_t kStopMs = 10'000;
constexpr off_t kMaxLog = 16 << 20;
constexpr off_t kTailBytes = 8 << 10;
constexpr int kTailLines = 20;

bool never() { return false; }

// A daemon whose supervisor was killed may still be ending; it holds the lock of its root folder.
Status wait_for_orphan(const Home& home, const std::function<bool()>& cancelled) {
  return lock_file(home.root() / "buildkitd.lock", LockMode::kExclusive, kTakeOverMs, cancelled)
      .status();
}

Status make_folders(const Home& home) {
  std::error_code error;
  std::filesystem::create_directories(home.root(), error);
  if (!error) {
    std::filesystem::create_directories(home.socket.parent_path(), error);
  }
  return error ? errno_status("prepare " + home.state.string(), error.value()) : Status();
}

// The config and a free socket path: what the daemon finds when it starts.
Status prepare(const Programs& programs, const Home& home) {
  std::error_code error;
  std::filesystem::remove(home.socket, error);
  return write_file_atomic(home.config(), daemon_config(programs, home), 0600);
}

Status wait_until_ready(Child& daemon, const Home& home, const std::function<bool()>& cancelled) {
  int64_t deadline = system_clock().monotonic_ns() + kReadyMs * 1'000'000;
  while (!answers(home.socket.string())) {
    auto ended = daemon.wait(20);
    if (ended.ok()) {
      return {Code::kUnavailable, "buildkitd ended with exit code " + std::to_string(*ended)};
    }
    if (cancelled() || system_clock().monotonic_ns() >= deadline) {
      return {Code::kUnavailable, "buildkitd did not answer"};
    }
  }
  return {};
}

Status announce(const Child& daemon, const Programs& programs, const Home& home) {
  auto self = identify(::getpid());
  auto child = identify(daemon.pid());
  if (!self || !child) {
    return {Code::kUnavailable, "buildkitd ended as soon as it had started"};
  }
  Instance instance{*self, *child, sha256_hex(daemon_config(programs, home)), home.socket.string()};
  return write_instance(home.instance(), instance);
}

void bound_log(int log) {
  struct stat info{};
  if (::fstat(log, &info) == 0 && info.st_size > kMaxLog && ::ftruncate(log, 0) == 0) {
    static_cast<void>(write_all(log, "(older lines were dropped)\n"));
  }
}

// Watches until there is a reason to stop; on idleness the returned descriptor holds the clients'
// lock, so that nobody comes to a daemon that is going away.
UniqueFd watch(Child& daemon, const Home& home, int log, int64_t idle_ms,
               const std::function<bool()>& cancelled) {
  int64_t busy = system_clock().monotonic_ns();
  while (!cancelled() && !daemon.wait(kPollMs).ok()) {
    bound_log(log);
    auto alone = lock_file(home.clients_lock(), LockMode::kExclusive, 0, never);
    int64_t now = system_clock().monotonic_ns();
    if (!alone.ok()) {
      busy = now;
    } else if (now - busy >= idle_ms * 1'000'000) {
      return *std::move(alone);
    }
  }
  return {};
}

void stop(Child& daemon, const Home& home) {
  ::unlink(home.instance().c_str());
  daemon.signal(SIGTERM);
  if (daemon.pid() > 0 && !daemon.wait(kStopMs).ok()) {
    daemon.signal(SIGKILL);
  }
  ::unlink(home.socket.c_str());
  ::unlink(home.trace_socket().c_str());
}

}  // namespace

Status supervise(const Programs& programs, const Home& home, int64_t idle_ms, const Getenv& getenv,
                 const std::function<bool()>& cancelled) {
  KTL_TRY(make_folders(home));
  KTL_ASSIGN(UniqueFd only,
             lock_file(home.supervisor_lock(), LockMode::kExclusive, kTakeOverMs, cancelled));
  KTL_TRY(prepare(programs, home));
  KTL_TRY(wait_for_orphan(home, cancelled));
  KTL_ASSIGN(UniqueFd log, open_file(home.log(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600));
  Command command = daemon_command(programs, home, getenv);
  command.parent_death_signal = SIGTERM;
  KTL_ASSIGN(Child daemon, spawn(command, log.get(), false));
  Status ready = wait_until_ready(daemon, home, cancelled);
  if (ready.ok()) {
    ready = announce(daemon, programs, home);
  }
  UniqueFd alone;
  if (ready.ok()) {
    alone = watch(daemon, home, log.get(), idle_ms, cancelled);
  }
  stop(daemon, home);
  return ready;
}

std::string log_tail(const std::filesystem::path& log) {
  auto fd = open_file(log, O_RDONLY | O_NOFOLLOW);
  if (!fd.ok()) {
    return "    (no log)";
  }
  off_t size = ::lseek(fd->get(), 0, SEEK_END);
  ::lseek(fd->get(), std::max<off_t>(0, size - kTailBytes), SEEK_SET);
  auto text = read_all(fd->get(), 2 * kTailBytes);
  std::string tail = text.ok() ? valid_utf8(*text) : "";
  while (tail.ends_with('\n')) {
    tail.pop_back();
  }
  size_t start = tail.size();
  for (int line = 0; line < kTailLines && start != std::string::npos && start > 0; ++line) {
    start = tail.rfind('\n', start - 1);
  }
  tail.erase(0, start == std::string::npos ? 0 : start + 1);
  for (size_t at = 0; at != std::string::npos; at = tail.find('\n', at)) {
    at = at == 0 ? 0 : at + 1;
    tail.insert(at, "    ");
    at += 4;
  }
  return tail;
}

}  // namespace ktl::builder
