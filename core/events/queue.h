// The events that one subscriber has not seen yet.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <vector>

#include "core/events/event.h"
#include "core/events/spill.h"

namespace ktl {

struct QueueLimits {
  size_t events = 16384;
  size_t bytes = 32U << 20U;  // by weight_of
};

// Bounded, one reader, any number of writers, and no writer ever waits for the reader. When it is
// full it either spills to disk (lossless) or loses the newest: bulk events at the limit, others
// only at a quarter above it, so that the end of a build is told even to a slow reader.
class Queue {
 public:
  // `spill_folder` set: lossless.
  Queue(QueueLimits limits, std::optional<std::filesystem::path> spill_folder);

  // `weight` is weight_of(*event). Ignored after close(). [any]
  void push(const EventPtr& event, size_t weight);

  // Waits for events and moves them, in order, into `batch`, which is cleared first. An
  // events.lost/1 stands where some are missing; its seq is that of the last one lost. False when
  // the queue is closed and everything has been taken. [reader]
  bool take(std::vector<EventPtr>& batch);

  // No more pushes. [any]
  void close();

 private:
  [[nodiscard]] bool fits(std::string_view type, size_t weight) const;
  [[nodiscard]] bool something() const;
  void announce_losses(std::vector<EventPtr>& batch);
  void take_spilled(std::unique_lock<std::mutex>& lock, std::vector<EventPtr>& batch);

  const QueueLimits limits_;
  std::mutex mutex_;
  std::condition_variable ready_;
  // Everything below is guarded by mutex_.
  std::vector<EventPtr> events_;
  size_t bytes_ = 0;
  std::optional<Spill> spill_;
  uint64_t lost_ = 0;
  EventPtr last_apart_;     // the last that did not fit into memory
  bool waiting_ = false;    // the reader wants to be woken
  bool gathering_ = false;  // a batch has been taken
  bool closed_ = false;
};

}  // namespace ktl
