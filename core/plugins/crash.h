// When code of a plugin crashes, the last word names it.
#pragma once

#include <signal.h>

#include <string>

namespace ktl {

// What a fault in this thread is blamed on while the object lives: one a thread, on its stack.
// Costs nothing where nobody listens (blame_crashes): a process of a plugin's own dies of its
// fault.
class CrashBlame {
 public:
  // `who`: "plugin test.x crashed in ktl.scan/1 scan". Kept until the object goes.
  explicit CrashBlame(std::string who);
  CrashBlame(const CrashBlame&) = delete;
  CrashBlame& operator=(const CrashBlame&) = delete;
  ~CrashBlame();

 private:
  std::string who_;
  const bool listens_;
  stack_t before_{};  // the thread's own stack for signals
};

// From now on a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) in a thread with a CrashBlame
// writes its sentence to stderr and ends ktl with exit code 8, a plugin failed; what was left
// behind is cleaned up by the next start, as after kill -9. Faults elsewhere, and those that
// somebody else already handles (a sanitizer), are left alone. Once is enough. [any thread]
void blame_crashes();

}  // namespace ktl
