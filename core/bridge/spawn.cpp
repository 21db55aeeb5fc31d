#include "core/bridge/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace ktl::bridge {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const auto& text : texts) {
    list.push_back(const_cast<char*>(text.c_str()));  // posix_spawn writes nothing
  }
  list.push_back(nullptr);
  return list;
}

// posix_spawn(3) shares memory until exec, so that nothing has to be copied for a child that is
// about to become another program.
class Actions {
 public:
  // Descriptors come from above kBridgeFd, so that none is overwritten before it is used.
  Actions(int socket, int output) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, output, 1);
    posix_spawn_file_actions_adddup2(&files_, output, 2);
    posix_spawn_file_actions_adddup2(&files_, socket, kBridgeFd);
    posix_spawn_file_actions_addclosefrom_np(&files_, kBridgeFd + 1);
    posix_spawnattr_init(&attributes_);
    sigset_t set;
    sigemptyset(&set);
    posix_spawnattr_setsigmask(&attributes_, &set);
    for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
      sigaddset(&set, number);
    }
    posix_spawnattr_setsigdefault(&attributes_, &set);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  posix_spawn_file_actions_t* files() { return &files_; }
  posix_spawnattr_t* attributes() { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

UniqueFd above_bridge(UniqueFd fd) {
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kBridgeFd + 1));
}

}  // namespace

Result<Spawned> spawn_bridge(const std::string& program,
                             const std::vector<std::string>& environment) {
  KTL_ASSIGN(SocketPair sockets, make_socket_pair());
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  UniqueFd output(pipe[0]);
  UniqueFd theirs = above_bridge(std::move(sockets.theirs));
  UniqueFd printed = above_bridge(UniqueFd(pipe[1]));
  Actions actions(theirs.get(), printed.get());
  const std::vector<std::string> words = {"ktl", kBridgeWord};
  auto argv = pointers(words);
  auto env = pointers(environment);
  pid_t pid = 0;
  int error = ::posix_spawn(&pid, program.c_str(), actions.files(), actions.attributes(),
                            argv.data(), env.data());
  if (error != 0) {
    return errno_status("start " + program, error);
  }
  Child process(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))));
  return Spawned{std::move(process), std::move(sockets.ours), std::move(output)};
}

std::string end_of_process(int pidfd, int wait_ms) {
  pollfd ready{pidfd, POLLIN, 0};
  siginfo_t info{};
  if (::poll(&ready, 1, wait_ms) != 1 ||
      ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT) != 0) {
    return "closed its connection";
  }
  if (info.si_code == CLD_EXITED) {
    return "ended with exit code " + std::to_string(info.si_status);
  }
  const char* name = ::sigabbrev_np(info.si_status);
  return "was killed by signal " + std::to_string(info.si_status) +
         (name == nullptr ? "" : std::string(" (SIG") + name + ")");
}

}  // namespace ktl::bridge
