#include "core/bridge/spawn.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/pipe.h"

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

// From here on all numbers are free for the child's own.
constexpr int kFirstFree = 64;

struct Given {
  int fd;  // of ours, at least kFirstFree
  int as;
};

Result<UniqueFd> high(int fd) {
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFree));
  return copy.valid() ? Result<UniqueFd>(std::move(copy)) : errno_status("dup", errno);
}

// Nobody can change it any more, whoever reads it.
Result<UniqueFd> sealed_file(const std::string& text) {
  UniqueFd fd(::memfd_create("ktl", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) {
    return errno_status("memfd", errno);
  }
  KTL_TRY(write_all(fd.get(), text));
  if (::lseek(fd.get(), 0, SEEK_SET) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) !=
          0) {
    return errno_status("seal a file", errno);
  }
  return high(fd.get());
}

// In the child of a process with threads: only what signal-safety(7) allows.
[[noreturn]] void become(const std::vector<Given>& given, pid_t parent, char* const* argv,
                         char* const* env) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  leave_keyrings();
  ::setsid();  // signals of the terminal are for ktl, which tells the worker
  int last = 0;
  for (const Given& each : given) {
    ::dup2(each.fd, each.as);
    last = std::max(last, each.as);
  }
  ::close_range(static_cast<unsigned>(last) + 1, ~0U, 0);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::getppid() == parent) {
    ::execve(argv[0], argv, env);
  }
  ::_exit(127);
}

Result<Child> fork_wrapped(const Wrapped& wrapped, const std::vector<Given>& given) {
  auto argv = pointers(wrapped.argv);
  auto env = pointers(wrapped.environment);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return errno_status("fork", errno);
  }
  if (pid == 0) {
    become(given, parent, argv.data(), env.data());
  }
  return Child(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))));
}

}  // namespace

Result<Spawned> spawn_bridge(const std::string& program,
                             const std::vector<std::string>& environment) {
  KTL_ASSIGN(SocketPair sockets, make_socket_pair());
  KTL_ASSIGN(Pipe output, make_pipe());
  UniqueFd theirs = above_bridge(std::move(sockets.theirs));
  UniqueFd printed = above_bridge(std::move(output.write));
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
  return Spawned{std::move(process), std::move(sockets.ours), std::move(output.read), {}};
}

Status exec_wrapped(const Wrapped& wrapped, int log) {
  KTL_ASSIGN(const UniqueFd kept, high(log));
  std::vector<UniqueFd> files;
  for (const Wrapped::File& file : wrapped.files) {
    KTL_ASSIGN(UniqueFd sealed, sealed_file(file.text));
    files.push_back(std::move(sealed));
  }
  for (size_t i = 0; i < files.size(); ++i) {
    ::dup2(files[i].get(), wrapped.files[i].fd);
  }
  ::dup2(kept.get(), kLogFd);
  leave_keyrings();
  ::signal(SIGPIPE, SIG_DFL);
  auto argv = pointers(wrapped.argv);
  auto env = pointers(wrapped.environment);
  ::execve(argv[0], argv.data(), env.data());
  return errno_status("start " + wrapped.argv[0], errno);
}

Result<Spawned> spawn_wrapped(const Wrapped& wrapped) {
  KTL_ASSIGN(SocketPair sockets, make_socket_pair());
  KTL_ASSIGN(Pipe output, make_pipe());
  KTL_ASSIGN(Pipe log, make_pipe());
  KTL_ASSIGN(const UniqueFd nothing, open_file("/dev/null", O_RDONLY));
  std::vector<UniqueFd> held;
  std::vector<Given> given;
  const auto give = [&](int fd, int as) -> Status {
    KTL_ASSIGN(UniqueFd copy, high(fd));
    given.push_back({copy.get(), as});
    held.push_back(std::move(copy));
    return {};
  };
  KTL_TRY(give(nothing.get(), 0));
  KTL_TRY(give(output.write.get(), 1));
  KTL_TRY(give(output.write.get(), 2));
  KTL_TRY(give(sockets.theirs.get(), kBridgeFd));
  KTL_TRY(give(log.write.get(), kLogFd));
  for (const Wrapped::File& file : wrapped.files) {
    if (file.fd <= kLogFd || file.fd >= kFirstFree) {
      return Status(Code::kInternal,
                    "a fence wants a file at descriptor " + std::to_string(file.fd));
    }
    KTL_ASSIGN(const UniqueFd sealed, sealed_file(file.text));
    KTL_TRY(give(sealed.get(), file.fd));
  }
  KTL_ASSIGN(Child process, fork_wrapped(wrapped, given));
  return Spawned{std::move(process), std::move(sockets.ours), std::move(output.read),
                 std::move(log.read)};
}

namespace {

constexpr int kBySignal = 128;  // as shells have it

std::string end_by_signal(int number) {
  const char* name = ::sigabbrev_np(number);
  return "was killed by signal " + std::to_string(number) +
         (name == nullptr ? "" : std::string(" (SIG") + name + ")");
}

}  // namespace

std::string end_of_process(int pidfd, int wait_ms, bool wrapped) {
  pollfd ready{pidfd, POLLIN, 0};
  siginfo_t info{};
  if (::poll(&ready, 1, wait_ms) != 1 ||
      ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOWAIT) != 0) {
    return "closed its connection";
  }
  if (info.si_code != CLD_EXITED) {
    return end_by_signal(info.si_status);
  }
  return wrapped && info.si_status > kBySignal
             ? end_by_signal(info.si_status - kBySignal)
             : "ended with exit code " + std::to_string(info.si_status);
}

}  // namespace ktl::bridge
