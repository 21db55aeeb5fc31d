#include "core/bridge/entry.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "base/fd.h"
#include "core/bridge/spawn.h"

namespace ktl::bridge {
namespace {

constexpr int kExitUsage = 2;
constexpr int kBySignal = 128;   // as shells have it
constexpr int kExitBroken = 70;  // EX_SOFTWARE of sysexits(3): the other side does not make sense

int option_of(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

// The process that started `pid`; 0 when that is not seen from here.
pid_t parent_of(pid_t pid) {
  auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  const size_t name_end = stat.ok() ? stat->rfind(')') : std::string::npos;
  return name_end == std::string::npos || name_end + 4 > stat->size()
             ? 0
             : static_cast<pid_t>(std::atol(stat->c_str() + name_end + 4));
}

// Between ktl and its worker may stand what makes the fence; outside of our own pid namespace a
// process has the number 0.
bool is_ancestor(pid_t pid) {
  constexpr int kMost = 16;
  pid_t each = ::getppid();
  for (int i = 0; i < kMost && each != pid && each > 1; ++i) {
    each = parent_of(each);
  }
  return pid == 0 || each == pid;
}

// Whether who started us made the socket at `fd`.
bool from_parent(int fd) {
  ucred other{};
  socklen_t size = sizeof other;
  return option_of(fd, SO_DOMAIN) == AF_UNIX && option_of(fd, SO_TYPE) == SOCK_STREAM &&
         ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &other, &size) == 0 && is_ancestor(other.pid) &&
         other.uid == ::geteuid();
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

// The first process of a pid namespace does not die of a signal that it sends itself
// (pid_namespaces(7)): a plugin that raises one would be taken for one that goes on.
void die_of_faults_as_first() {
  if (::getpid() != 1) {
    return;
  }
  struct sigaction end{};
  end.sa_handler = [](int number) { ::_exit(kBySignal + number); };
  for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    ::sigaction(number, &end, nullptr);
  }
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
  die_of_faults_as_first();
  PluginServer server(UniqueFd(kBridgeFd), std::move(tasks));
  return server.serve().code() == Code::kUnavailable ? 0 : kExitBroken;
}

}  // namespace ktl::bridge
