// The events that one subscriber has not seen yet.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
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

// Some events in order, shared by all queues: whoever reads them counts no references.
struct Batch {
  std::vector<EventPtr> events;  // at least one
  size_t weight = 0;             // by weight_of, of all together
};
using BatchPtr = std::shared_ptr<const Batch>;

// Bounded, one reader, any number of writers, and no writer ever waits for the reader. When it is
// full it either spills to disk (lossless) or loses the newest: bulk events at the limit, others
// only at a quarter above it, so that the end of a build is told even to a slow reader.
class Queue {
 public:
  // `spill_folder` set: lossless.
  Queue(QueueLimits limits, std::optional<std::filesystem::path> spill_folder);

  // Ignored after close(). [any]
  void push(const BatchPtr& batch);

  // Waits for events and moves them, in order, into `batches`, which is cleared first. An
  // events.lost/1 stands where some are missing; its seq is that of the last one lost. False when
  // the queue is closed and everything has been taken. `starved` is called, without a lock, before
  // it waits for more than a moment; it may push. [reader]
  bool take(std::vector<BatchPtr>& batches, const std::function<void()>& starved);

  // No more pushes. [any]
  void close();

 private:
  void keep(const BatchPtr& batch);
  void keep_some(const Batch& batch);
  [[nodiscard]] bool fits(size_t events, size_t weight, bool reserve) const;
  [[nodiscard]] bool something() const;
  void lose(uint64_t count, const EventPtr& last);
  void announce_losses(std::vector<BatchPtr>& batches);
  void take_spilled(std::unique_lock<std::mutex>& lock, std::vector<BatchPtr>& batches);

  const QueueLimits limits_;
  std::mutex mutex_;
  std::condition_variable ready_;
  // Everything below is guarded by mutex_.
  std::vector<BatchPtr> batches_;
  size_t events_ = 0;
  size_t bytes_ = 0;
  std::optional<Spill> spill_;
  uint64_t lost_ = 0;
  EventPtr last_lost_;
  size_t wake_at_ = SIZE_MAX;  // the reader wants to be woken when there are so many events
  bool gathering_ = false;     // a batch has been taken
  bool closed_ = false;
};

}  // namespace ktl
