// A terminal that hands every key through.
#pragma once

#include "base/fd.h"

namespace ktl {

// While it lives the terminal echoes nothing, keeps no line back and turns no key into a signal
// (cfmakeraw(3)); then it is as it was. One at a time in a process. Thread rule: one thread.
class RawTerminal {
 public:
  // kFailedPrecondition: `fd` is no terminal, or another one is raw.
  static Result<RawTerminal> enter(int fd);
  RawTerminal(RawTerminal&&) noexcept = default;
  RawTerminal& operator=(RawTerminal&&) noexcept = default;
  ~RawTerminal();

  // For a process that is about to end without unwinding, from wherever. Async-signal-safe.
  static void restore() noexcept;

 private:
  explicit RawTerminal(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace ktl
