#include "base/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "base/pipe.h"

extern char** environ;  // POSIX leaves its declaration to the program

namespace ktl {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const auto& text : texts) {
    list.push_back(const_cast<char*>(text.c_str()));  // execve takes char* but writes nothing
  }
  list.push_back(nullptr);
  return list;
}

struct Stdio {
  int in;
  int out;
  int err;
};

// Runs in the child between fork and exec: async-signal-safe calls only. The cause of a failure
// goes to the parent through `report`, which exec closes when it succeeds.
[[noreturn]] void become(const char* path, char* const* argv, char* const* env, Stdio stdio,
                         bool new_session, const Command& command, pid_t parent, int report) {
  if (new_session) {
    ::setsid();
  }
  if (command.parent_death_signal != 0) {
    ::prctl(PR_SET_PDEATHSIG, command.parent_death_signal);
    if (::getppid() != parent) {  // it died before it could be watched
      ::_exit(127);
    }
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    ::signal(number, SIG_DFL);
  }
  // Moved out of the way first: one of them may be 0, 1 or 2 itself.
  int in = ::fcntl(stdio.in, F_DUPFD, 3);
  int out = ::fcntl(stdio.out, F_DUPFD, 3);
  int err = ::fcntl(stdio.err, F_DUPFD, 3);
  int saved = ::fcntl(report, F_DUPFD_CLOEXEC, 3);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
  for (int fd : command.inherit) {
    ::fcntl(fd, F_SETFD, 0);
  }
  if (command.directory.empty() || ::chdir(command.directory.c_str()) == 0) {
    ::execve(path, argv, env);
  }
  int cause = errno;
  [[maybe_unused]] ssize_t sent = ::write(saved, &cause, sizeof(cause));
  ::_exit(127);
}

Result<Child> start(const Command& command, Stdio stdio, bool new_session) {
  KTL_ASSIGN(std::string path, find_program(command.argv.at(0)));
  std::array<int, 2> report{};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  UniqueFd report_read(report[0]);
  UniqueFd report_write(report[1]);
  auto argv = pointers(command.argv);
  auto env = pointers(command.env);
  char** environment = command.env.empty() ? environ : env.data();
  pid_t self = ::getpid();
  pid_t pid = ::fork();
  if (pid < 0) {
    return errno_status("fork", errno);
  }
  if (pid == 0) {
    become(path.c_str(), argv.data(), environment, stdio, new_session, command, self,
           report_write.get());
  }
  Child child(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U))));
  report_write.reset();
  int cause = 0;
  if (::read(report_read.get(), &cause, sizeof(cause)) == sizeof(cause)) {
    return errno_status("run " + path, cause);
  }
  return child;
}

// Moves what is there from `fd` to `bytes`; closes the descriptor at its end.
Status drain(UniqueFd& fd, std::string& bytes, size_t limit) {
  std::array<char, 16384> buffer{};
  ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
  if (n <= 0) {
    fd.reset();
    return {};
  }
  bytes.append(buffer.data(), static_cast<size_t>(n));
  if (bytes.size() > limit) {
    return {Code::kResourceExhausted, "more than " + std::to_string(limit) + " bytes of output"};
  }
  return {};
}

void feed(UniqueFd& fd, std::string_view& input) {
  ssize_t n = ::write(fd.get(), input.data(), input.size());
  if (n > 0) {
    input.remove_prefix(static_cast<size_t>(n));
  }
  if (n < 0 || input.empty()) {
    fd.reset();
  }
}

// Feeds stdin and collects stdout and stderr until both ends are closed.
Status converse(const Command& command, Pipe& in, Pipe& out, Pipe& err, Output& output) {
  std::string_view input = command.input;
  if (input.empty()) {
    in.write.reset();
  } else {
    ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
  }
  int64_t deadline = system_clock().monotonic_ns() + command.timeout_ms * kNsPerMs;
  while (out.read.valid() || err.read.valid()) {
    std::array<pollfd, 3> fds = {pollfd{out.read.get(), POLLIN, 0},
                                 pollfd{err.read.get(), POLLIN, 0},
                                 pollfd{in.write.get(), POLLOUT, 0}};
    int64_t left = (deadline - system_clock().monotonic_ns()) / kNsPerMs;
    if (left <= 0) {
      return {Code::kDeadlineExceeded,
              "no answer in " + std::to_string(command.timeout_ms) + " ms"};
    }
    if (::poll(fds.data(), fds.size(), static_cast<int>(left)) < 0 && errno != EINTR) {
      return errno_status("poll", errno);
    }
    if (fds[0].revents != 0) {
      KTL_TRY(drain(out.read, output.out, command.output_limit));
    }
    if (fds[1].revents != 0) {
      KTL_TRY(drain(err.read, output.err, command.output_limit));
    }
    if (fds[2].revents != 0) {
      feed(in.write, input);
    }
  }
  return {};
}

class SystemProcesses : public ProcessRunner {
 public:
  Result<Output> run(const Command& command) override {
    KTL_ASSIGN(Pipe in, make_pipe());
    KTL_ASSIGN(Pipe out, make_pipe());
    KTL_ASSIGN(Pipe err, make_pipe());
    Stdio stdio{in.read.get(), out.write.get(), err.write.get()};
    KTL_ASSIGN(Child child, start(command, stdio, false));
    in.read.reset();
    out.write.reset();
    err.write.reset();
    Output output;
    Status status = converse(command, in, out, err, output);
    if (!status.ok()) {
      return std::move(status).in(command.argv[0]);
    }
    KTL_ASSIGN(output.exit_code, child.wait(command.timeout_ms));
    return output;
  }
};

}  // namespace

ProcessRunner& system_processes() {
  static SystemProcesses processes;
  return processes;
}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void Child::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

Result<int> Child::wait(int64_t timeout_ms) {
  pollfd ready{pidfd_.get(), POLLIN, 0};
  int polled = 0;
  do {
    polled = ::poll(&ready, 1, static_cast<int>(timeout_ms));
  } while (polled < 0 && errno == EINTR);
  if (polled == 0) {
    return Status(Code::kDeadlineExceeded, "process " + std::to_string(pid_) + " is still running");
  }
  int state = 0;
  if (::waitpid(pid_, &state, 0) < 0) {
    return errno_status("wait", errno);
  }
  pid_ = 0;
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

pid_t Child::release() { return std::exchange(pid_, 0); }

Result<Child> spawn(const Command& command, int output, bool new_session) {
  KTL_ASSIGN(UniqueFd null, open_file("/dev/null", O_RDWR));
  return start(command, {null.get(), output, output}, new_session);
}

Result<Child> spawn_on(const Command& command, int stream, int errors, bool new_session) {
  return start(command, {stream, stream, errors}, new_session);
}

Result<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return name;
  }
  const char* path = ::getenv("PATH");
  std::string_view folders = path == nullptr ? "/usr/bin:/bin" : path;
  while (!folders.empty()) {
    size_t end = std::min(folders.find(':'), folders.size());
    // An empty entry would mean the working directory, which may be a hostile context.
    std::string candidate = std::string(folders.substr(0, end)) + "/" + name;
    if (candidate[0] == '/' && end > 0 && ::access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return Status(Code::kNotFound, name + " is not in PATH");
}

void leave_keyrings() {
  constexpr int kJoinSessionKeyring = 1;  // KEYCTL_JOIN_SESSION_KEYRING
  ::syscall(SYS_keyctl, kJoinSessionKeyring, nullptr);
}

}  // namespace ktl
