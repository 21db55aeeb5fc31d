// Events on their way from the session's threads to the verb that publishes them.
#pragma once

#include <condition_variable>
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

  // Waits while 4096 events are queued, which slows the builder's status stream and nothing else.
  void post(std::vector<Event> events);
  // Wakes the reader although there is no event.
  void wake();
  // Everything that is queued; the descriptor is quiet again afterwards.
  std::deque<Event> take();
  // post never waits again.
  void close();

  // Readable when take would find something or wake was called. Owned by the mailbox.
  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  UniqueFd event_;  // eventfd(2)
  std::mutex mutex_;
  std::condition_variable taken_;
  std::deque<Event> events_;
  bool closed_ = false;
};

}  // namespace ktl::solver
