#include "builder/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/clock.h"
#include "builder/lock.h"
#include "builder/log.h"

namespace ktl::builder {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;
constexpr int64_t kWithoutInotifyMs = 1'000;
constexpr size_t kMaxUnixSockets = 32U << 20U;
constexpr const char* kConnected = "03";  // SS_CONNECTED of linux/net.h

UniqueFd notices_of(const Home& home) {
  UniqueFd notices(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (notices.valid()) {
    ::inotify_add_watch(notices.get(), home.clients_lock().c_str(), IN_OPEN | IN_CLOSE_WRITE);
    ::inotify_add_watch(notices.get(), home.log().c_str(), IN_MODIFY);
  }
  return notices;
}

// Takes the notices; true when one of them was about the clients' lock.
bool take_notices(const UniqueFd& notices) {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool clients = false;
  for (ssize_t n = 0; (n = ::read(notices.get(), buffer.data(), buffer.size())) > 0;) {
    for (ssize_t at = 0; at < n;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      clients = clients || (event->mask & (IN_OPEN | IN_CLOSE_WRITE)) != 0;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
  return clients;
}

End ended(Child& jail) {
  auto code = jail.wait(0);
  std::string how = code.ok() ? "with exit code " + std::to_string(*code) : "for unknown reasons";
  return {"the daemon ended " + how, true, {}};
}

}  // namespace

bool has_connections(const std::string& socket) {
  auto fd = open_file("/proc/net/unix", O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxUnixSockets) : Result<std::string>(fd.status());
  std::istringstream lines(text.ok() ? *text : "");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string number, references, protocol, flags, type, state, inode, path;
    fields >> number >> references >> protocol >> flags >> type >> state >> inode >> std::ws;
    std::getline(fields, path);
    if (state == kConnected && path == socket) {
      return true;
    }
  }
  return false;
}

End watch(Child& jail, const Home& home, const UniqueFd& log, int64_t idle_ms, const Caller& caller,
          Outside* outside) {
  UniqueFd notices = notices_of(home);
  int64_t busy = system_clock().monotonic_ns();
  while (true) {
    int64_t left = idle_ms - (system_clock().monotonic_ns() - busy) / kNsPerMs;
    int64_t wait = std::clamp<int64_t>(left, 0, notices.valid() ? idle_ms : kWithoutInotifyMs);
    std::array<pollfd, 4> fds = {{{jail.pidfd(), POLLIN, 0},
                                  {caller.cancel_fd, POLLIN, 0},
                                  {notices.get(), POLLIN, 0},
                                  {outside == nullptr ? -1 : outside->door(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), static_cast<int>(wait));
    if (fds[0].revents != 0) {
      return ended(jail);
    }
    if (fds[1].revents != 0) {
      return {"asked to stop", false, {}};
    }
    if (fds[2].revents != 0 && take_notices(notices)) {
      busy = system_clock().monotonic_ns();
    }
    if (fds[3].revents != 0) {
      outside->answer_client();
    }
    bound_log(home, log);
    if (system_clock().monotonic_ns() - busy < idle_ms * kNsPerMs) {
      continue;
    }
    auto alone = lock_file(home.clients_lock(), LockMode::kExclusive, 0, {});
    if (alone.ok() && !has_connections(home.inner_socket().string())) {
      return {"idle", false, *std::move(alone)};
    }
    busy = system_clock().monotonic_ns();
  }
}

}  // namespace ktl::builder
