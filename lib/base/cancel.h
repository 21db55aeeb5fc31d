// One token that says "stop", to be polled or waited for.
#pragma once

#include <atomic>

#include "base/latch.h"

namespace ktl {

// Set once, never unset. Thread rule: every method may be called from any thread.
class CancelToken {
 public:
  CancelToken() = default;
  CancelToken(const CancelToken&) = delete;
  CancelToken& operator=(const CancelToken&) = delete;

  // `reason` is the number of the signal that asked for it (SIGINT, SIGTERM), 0 for anything else.
  // The first reason stays. Async-signal-safe.
  void cancel(int reason = 0);
  [[nodiscard]] bool cancelled() const { return state_.load() >= 0; }
  // -1 while not cancelled.
  [[nodiscard]] int reason() const { return state_.load(); }
  // Readable from the moment of cancel() on. Owned by the token; to be polled, never read from.
  [[nodiscard]] int fd() const { return latch_.fd(); }

 private:
  std::atomic<int> state_{-1};
  Latch latch_;
};

}  // namespace ktl
