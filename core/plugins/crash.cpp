#include "core/plugins/crash.h"

#include <signal.h>
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
thread_local std::array<char, kStack> spare_stack;

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
  stack_t stack{};
  stack.ss_sp = spare_stack.data();
  stack.ss_size = spare_stack.size();
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
