// Child processes: started without a shell, always reaped, never left behind.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/status.h"

namespace ktl {

// What to start. argv[0] is looked up in PATH when it has no slash. `env` empty: inherit.
// stdin is /dev/null unless `input` has bytes. Every descriptor but 0, 1, 2 and `inherit` is
// closed; those of `inherit` (borrowed, at least 3) keep their numbers.
struct Command {
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::vector<int> inherit;
  std::string directory;  // where it starts; empty: where the caller is
  std::string input;
  int64_t timeout_ms = 30'000;
  size_t output_limit = 1U << 20U;  // bytes of stdout and of stderr, each
  int parent_death_signal = 0;      // sent to the child when the thread that started it ends
};

struct Output {
  int exit_code = 0;  // 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

// How other code runs a short helper program; tests put a double in its place. [any thread]
class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;
  // Failure means: could not start, timed out (killed), or said too much. A non-zero exit is Ok.
  virtual Result<Output> run(const Command& command) = 0;
};

ProcessRunner& system_processes();

// A long-lived child of which ktl keeps the handle. Destroying it kills (SIGKILL) and reaps.
class Child {
 public:
  Child() = default;
  Child(pid_t pid, UniqueFd pidfd) : pid_(pid), pidfd_(std::move(pidfd)) {}
  Child(Child&& other) noexcept
      : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)) {}
  Child& operator=(Child&& other) noexcept;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int pidfd() const { return pidfd_.get(); }
  void signal(int number) const;
  // Waits up to `timeout_ms` (-1: for ever); the exit code as in Output, kDeadlineExceeded if
  // alive.
  Result<int> wait(int64_t timeout_ms);
  // Gives the process up: it will not be killed when this object goes.
  pid_t release();

 private:
  pid_t pid_ = 0;
  UniqueFd pidfd_;
};

// Starts argv with stdin from /dev/null and stdout/stderr to `output` (a descriptor, borrowed).
// new_session: setsid(2), so that the terminal's signals do not reach it.
Result<Child> spawn(const Command& command, int output, bool new_session);

// The same with `stream` as stdin and stdout and `errors` as stderr, for a program that converses.
Result<Child> spawn_on(const Command& command, int stream, int errors, bool new_session);

// A session keyring of its own for this thread's process, without the keys of the user's session
// (keyrings(7)). May be called between fork and exec. Where the kernel has no keyrings there is
// none to leave.
void leave_keyrings();

// The path that argv[0] `name` would run, or kNotFound.
Result<std::string> find_program(const std::string& name);

}  // namespace ktl
