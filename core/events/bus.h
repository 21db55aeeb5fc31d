// The event bus: everything that happens is published here, everything that shows it subscribes.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "core/events/event.h"
#include "core/events/queue.h"
#include "core/events/redactor.h"
#include "redact/values.h"

namespace ktl {

// Who listens, and what is to happen when it is too slow.
struct Subscription {
  std::string name;  // for people, when it does not finish
  // Called from the subscriber's own thread, in order, with at least one event. Must not throw.
  std::function<void(std::span<const EventPtr>)> sink;
  // Set: lossless, what does not fit into memory goes to a file in this folder. Else events are
  // lost, and events.lost/1 says how many.
  std::optional<std::filesystem::path> spill_folder;
  QueueLimits limits;
  // The sink is given all that waits in one call: for those whom a call costs more than events do.
  bool at_once = false;
};

// One bus per build. Every subscriber has its own bounded queue and thread, so publishing never
// waits for a reader; all subscribers see one order, that of `seq`, and no secret.
//
// Events are gathered for at most a millisecond and handed to all queues together: an event costs
// the publisher one place in a list and not one in every queue.
//
// Thread rule: every method may be called from any thread; finish() once.
class Bus {
 public:
  // `values` are the secrets that no subscriber may see, those that are registered later too. Null:
  // none are known, and only what has the form of a secret is masked.
  explicit Bus(std::string build, std::shared_ptr<redact::Values> values = nullptr,
               const Clock& clock = system_clock());
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  // Waits for every subscriber that finish() did not give up.
  ~Bus();

  [[nodiscard]] const std::string& build() const { return build_; }

  // For documents and errors of this build, which do not go through the bus.
  [[nodiscard]] const Redactor& redactor() const { return redactor_; }

  // From now on. A subscriber's thread has the signal mask of the caller.
  void subscribe(Subscription subscription);

  // `type` is versioned ("log/1"). After finish() it does nothing.
  void publish(std::string_view type, json::object body);

  // Ends single subscriptions, which get what was published until now: those of these names. Waits
  // for them as long as `timeout`; returns those that are still busy, to be named once more.
  std::vector<std::string> leave(std::span<const std::string> names,
                                 std::chrono::milliseconds timeout);

  // Delivers what is queued and ends the subscribers' threads, as far as that happens in time.
  // Returns the names of those that are still busy: their threads are left alone for ever, so the
  // program must not destroy what their sinks use.
  std::vector<std::string> finish(std::chrono::milliseconds timeout);

 private:
  struct Subscriber;
  class Hub;
  static void run(const std::shared_ptr<Hub>& hub, const std::shared_ptr<Subscriber>& subscriber);

  const std::string build_;
  const Redactor redactor_;
  std::shared_ptr<Hub> hub_;  // shared with the subscribers' threads
};

}  // namespace ktl
