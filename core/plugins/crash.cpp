#include "core/plugins/crash.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <mutex>

#include "base/raw_terminal.h"

namespace ktl {
namespace {

constexpr std::array kFaults = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr int kExitPlugin = 8;         // core/pipeline/exit_code.h
constexpr size_t kStack = 64U << 10U;  // a plugin that ran out of stack has none left to speak with

std::atomic<bool> installed = false;
thread_local const char* blamed = nullptr;

// Mapped by the first who needs it: thread-local storage of this size would be zeroed at the start
// of every thread, the many that never run a plugin too.
class SpareStack {
 public:
  SpareStack()
      : at_(::mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  SpareStack(const SpareStack&) = delete;
  SpareStack& operator=(const SpareStack&) = delete;
  ~SpareStack() {
    if (at_ != MAP_FAILED) {
      ::munmap(at_, kStack);
    }
  }

  // Without memory, signals stay on the stack they are on.
  [[nodiscard]] stack_t for_signals() const {
    return {.ss_sp = at_, .ss_flags = at_ == MAP_FAILED ? SS_DISABLE : 0, .ss_size = kStack};
  }

 private:
  void* const at_;
};

thread_local const SpareStack spare_stack;

void say(const char* text) {
  [[maybe_unused]] ssize_t told = write(STDERR_FILENO, text, strlen(text));
}

// Async-signal-safe calls only.
void on_fault(int number) {
  RawTerminal::restore();
  if (blamed == nullptr) {
    signal(number, SIG_DFL);
    raise(number);
    return;
  }
  say("\nError: ");
  say(blamed);
  say("\n  nothing was exported; run it in a process of its own with isolate: true if it can be, "
      "or take it out of ktl.yaml\n");
  _exit(kExitPlugin);
}

void install() {
  struct sigaction action{};
  action.sa_handler = &on_fault;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (int number : kFaults) {
    struct sigaction before{};
    if (sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
      sigaction(number, &action, nullptr);
    }
  }
  installed = true;
}

}  // namespace

CrashBlame::CrashBlame(std::string who)
    : who_(std::move(who)), listens_(installed.load(std::memory_order_relaxed)) {
  if (!listens_) {
    return;
  }
  const stack_t stack = spare_stack.for_signals();
  sigaltstack(&stack, &before_);
  blamed = who_.c_str();
}

CrashBlame::~CrashBlame() {
  if (!listens_) {
    return;
  }
  blamed = nullptr;
  sigaltstack(&before_, nullptr);
}

void blame_crashes() {
  static std::once_flag once;
  std::call_once(once, install);
}

}  // namespace ktl
