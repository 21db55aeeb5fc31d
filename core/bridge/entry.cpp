#include "core/bridge/entry.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/bridge/spawn.h"

namespace ktl::bridge {
namespace {

constexpr int kExitUsage = 2;
constexpr int kExitBroken = 70;  // EX_SOFTWARE of sysexits(3): the other side does not make sense

int option_of(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// Whether our own parent made the socket at `fd`.
bool from_parent(int fd) {
  ucred other{};
  socklen_t size = sizeof other;
  return option_of(fd, SO_DOMAIN) == AF_UNIX && option_of(fd, SO_TYPE) == SOCK_STREAM &&
         ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) == 0 &&
         other.pid == ::getppid() && other.uid == ::geteuid();
}

// A handler and not SIG_IGN: that would be inherited by every program that a plugin starts.
void leave_signals_to_parent() {
  struct sigaction nothing{};
  nothing.sa_handler = [](int) {};
  nothing.sa_flags = SA_RESTART;
  for (int number : {SIGINT, SIGTERM, SIGHUP}) {
    ::sigaction(number, &nothing, nullptr);
  }
  ::signal(SIGPIPE, SIG_IGN);
}

}  // namespace

int run_bridge(Tasks tasks) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (!from_parent(kBridgeFd)) {
    static constexpr std::string_view kWhy =
        "ktl: --bridge is how ktl starts a process of its own; it is no command\n";
    [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, kWhy.data(), kWhy.size());
    return kExitUsage;
  }
  ::fcntl(kBridgeFd, F_SETFD, FD_CLOEXEC);
  leave_signals_to_parent();
  PluginServer server(UniqueFd(kBridgeFd), std::move(tasks));
  return server.serve().code() == Code::kUnavailable ? 0 : kExitBroken;
}

}  // namespace ktl::bridge
