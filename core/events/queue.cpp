#include "core/events/queue.h"

#include <chrono>
#include <cstdint>
#include <utility>

namespace ktl {
namespace {

// After a batch the reader lets the next one gather for a moment instead of being woken for every
// event: waking costs more than delivering (measured: 21 us of CPU an event with four readers, 2 us
// so). Nobody sees 10 ms; a small build wakes its readers 20 times in them and not 90.
constexpr std::chrono::milliseconds kGather(10);
constexpr size_t kWorthTaking = 256;
constexpr size_t kNever = SIZE_MAX;

BatchPtr lost_event(const Event& last, uint64_t count) {
  auto event = std::make_shared<Event>();
  event->seq = last.seq;
  event->time_ns = last.time_ns;
  event->build = last.build;
  event->type = "events.lost/1";
  event->body = {{"count", static_cast<int64_t>(count)}};
  return std::make_shared<const Batch>(Batch{{std::move(event)}, 0});
}

}  // namespace

Queue::Queue(QueueLimits limits, std::optional<std::filesystem::path> spill_folder)
    : limits_(limits) {
  if (spill_folder) {
    spill_.emplace(std::move(*spill_folder));
  }
}

bool Queue::fits(size_t events, size_t weight, bool reserve) const {
  const size_t part = reserve ? 4 : 0;
  return events_ + events <= limits_.events + (part == 0 ? 0 : limits_.events / part) &&
         bytes_ + weight <= limits_.bytes + (part == 0 ? 0 : limits_.bytes / part);
}

void Queue::keep(const BatchPtr& batch) {
  batches_.push_back(batch);
  events_ += batch->events.size();
  bytes_ += batch->weight;
}

void Queue::lose(uint64_t count, const EventPtr& last) {
  lost_ += count;
  last_lost_ = last;
}

// Of a batch that does not fit as a whole.
void Queue::keep_some(const Batch& batch) {
  Batch kept;
  for (const EventPtr& event : batch.events) {
    const size_t weight = weight_of(*event);
    if (fits(kept.events.size() + 1, kept.weight + weight, !is_bulk(event->type))) {
      kept.events.push_back(event);
      kept.weight += weight;
    } else {
      lose(1, event);
    }
  }
  if (!kept.events.empty()) {
    keep(std::make_shared<const Batch>(std::move(kept)));
  }
}

void Queue::push(const BatchPtr& batch) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      return;
    }
    const bool room = fits(batch->events.size(), batch->weight, false);
    if (room && (!spill_ || spill_->empty())) {
      keep(batch);
    } else if (!spill_) {
      keep_some(*batch);
    } else if (!spill_->append(batch->events).ok()) {
      lose(batch->events.size(), batch->events.back());
    }
    wake = events_ >= wake_at_;
    wake_at_ = wake ? kNever : wake_at_;
  }
  if (wake) {
    ready_.notify_one();
  }
}

void Queue::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  ready_.notify_all();
}

void Queue::announce_losses(std::vector<BatchPtr>& batches) {
  if (lost_ > 0) {
    batches.push_back(lost_event(*last_lost_, lost_));
    lost_ = 0;
  }
}

// The disk is read without the lock: writers go on appending meanwhile.
void Queue::take_spilled(std::unique_lock<std::mutex>& lock, std::vector<BatchPtr>& batches) {
  const Spill::Chunk chunk = spill_->claim();
  lock.unlock();
  auto events = spill_->read(chunk);
  lock.lock();
  spill_->release();
  if (events.ok() && !events->empty()) {
    batches.push_back(std::make_shared<const Batch>(Batch{*std::move(events), 0}));
  } else {
    lost_ += chunk.events;
  }
}

bool Queue::something() const {
  return !batches_.empty() || lost_ > 0 || (spill_ && !spill_->empty());
}

bool Queue::take(std::vector<BatchPtr>& batches, const std::function<void()>& starved) {
  batches.clear();
  std::unique_lock lock(mutex_);
  const bool backlog = events_ >= kWorthTaking || (spill_ && !spill_->empty());
  if (std::exchange(gathering_, true) && !backlog) {
    wake_at_ = kWorthTaking;
    ready_.wait_for(lock, kGather, [&] { return closed_ || wake_at_ == kNever; });
    wake_at_ = kNever;
  }
  while (batches.empty()) {
    if (!something()) {
      lock.unlock();
      starved();
      lock.lock();
    }
    while (!something()) {
      if (closed_) {
        return false;
      }
      wake_at_ = 0;
      ready_.wait(lock);
    }
    if (!batches_.empty()) {
      batches.swap(batches_);
      events_ = bytes_ = 0;
    } else if (spill_ && !spill_->empty()) {
      take_spilled(lock, batches);
    }
    if (!spill_ || spill_->empty()) {
      announce_losses(batches);
    }
  }
  return true;
}

}  // namespace ktl
