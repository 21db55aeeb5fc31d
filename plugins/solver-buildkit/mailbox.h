// Events on their way from the session's threads to the verb that publishes them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "base/fd.h"
#include "progress.h"

namespace ktl::solver {

// A bounded queue with a descriptor to wait on beside others. Thread rule: any thread.
class Mailbox {
 public:
  Mailbox();

  // Wakes the reader soon. Waits while 4096 events are queued, which slows the builder's status
  // stream and nothing else.
  void post(std::vector<Event> events);
  // Wakes the reader although there is no event.
  void wake() { arm(Alarm::kNow); }
  // The same for what only people wait for: within 10 ms, so that it is taken together with what
  // comes meanwhile. Waking a process for each step that ends costs more than the step's event.
  void wake_soon() { arm(Alarm::kSoon); }
  // The descriptor is quiet until the next wake. To be called before looking at anything: what
  // happens in between wakes again or is seen.
  void hush();
  // Everything that is queued.
  std::deque<Event> take();
  // post never waits again.
  void close();

  // Readable when the reader is to wake. Owned by the mailbox.
  [[nodiscard]] int fd() const { return timer_.get(); }

 private:
  enum class Alarm : uint8_t { kNone, kSoon, kNow };
  void arm(Alarm wanted);

  UniqueFd timer_;  // timerfd_create(2)
  std::mutex mutex_;
  Alarm alarm_ = Alarm::kNone;
  std::condition_variable taken_;
  std::deque<Event> events_;
  bool closed_ = false;
};

}  // namespace ktl::solver
