// Something that happens once, to be looked at or waited for with poll(2).
#pragma once

#include <atomic>

namespace ktl {

// Its descriptor is made for the first who wants to wait: most things have happened before anybody
// does. Thread rule: every method may be called from any thread.
class Latch {
 public:
  Latch() = default;
  Latch(const Latch&) = delete;
  Latch& operator=(const Latch&) = delete;
  ~Latch();

  // What was written before is seen by whoever sees it set. Async-signal-safe.
  void set();
  [[nodiscard]] bool is_set() const { return set_.load(); }
  // Readable from set() on. Owned by the latch; to be polled, never read from. -1: none could be
  // made.
  [[nodiscard]] int fd() const;

 private:
  std::atomic<bool> set_ = false;
  mutable std::atomic<int> fd_{-1};  // eventfd(2)
};

}  // namespace ktl
