#include "core/events/queue.h"

#include <chrono>
#include <utility>

namespace ktl {
namespace {

// After a batch the reader lets the next one gather for a moment instead of being woken for every
// event: waking costs more than delivering (measured: 21 us of CPU an event with four readers, 2 us
// so).
constexpr std::chrono::milliseconds kGather(1);
constexpr size_t kWorthTaking = 256;

EventPtr lost_event(const Event& last, uint64_t count) {
  auto event = std::make_shared<Event>();
  event->seq = last.seq;
  event->time_ns = last.time_ns;
  event->build = last.build;
  event->type = "events.lost/1";
  event->body = {{"count", static_cast<int64_t>(count)}};
  return event;
}

}  // namespace

Queue::Queue(QueueLimits limits, std::optional<std::filesystem::path> spill_folder)
    : limits_(limits) {
  if (spill_folder) {
    spill_.emplace(std::move(*spill_folder));
  }
}

bool Queue::fits(std::string_view type, size_t weight) const {
  if (spill_) {
    return spill_->empty() && events_.size() < limits_.events && bytes_ + weight <= limits_.bytes;
  }
  size_t reserve = is_bulk(type) ? 0 : 1;
  return events_.size() < limits_.events + reserve * limits_.events / 4 &&
         bytes_ + weight <= limits_.bytes + reserve * limits_.bytes / 4;
}

void Queue::push(const EventPtr& event, size_t weight) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) {
      return;
    }
    if (fits(event->type, weight)) {
      events_.push_back(event);
      bytes_ += weight;
    } else {
      lost_ += spill_ && spill_->append(*event).ok() ? 0 : 1;
      last_apart_ = event;
    }
    wake = std::exchange(waiting_, false);
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

void Queue::announce_losses(std::vector<EventPtr>& batch) {
  if (lost_ > 0) {
    batch.push_back(lost_event(*last_apart_, lost_));
    lost_ = 0;
  }
}

// The disk is read without the lock: writers go on appending meanwhile.
void Queue::take_spilled(std::unique_lock<std::mutex>& lock, std::vector<EventPtr>& batch) {
  Spill::Chunk chunk = spill_->claim();
  lock.unlock();
  auto events = spill_->read(chunk);
  lock.lock();
  spill_->release();
  if (events.ok()) {
    batch = *std::move(events);
  } else {
    lost_ += chunk.events;
  }
}

bool Queue::something() const {
  return !events_.empty() || lost_ > 0 || (spill_ && !spill_->empty());
}

bool Queue::take(std::vector<EventPtr>& batch) {
  batch.clear();
  std::unique_lock lock(mutex_);
  if (events_.size() < kWorthTaking && std::exchange(gathering_, true)) {
    ready_.wait_for(lock, kGather, [&] { return closed_; });
  }
  while (batch.empty()) {
    while (!something()) {
      if (closed_) {
        return false;
      }
      waiting_ = true;
      ready_.wait(lock);
    }
    if (!events_.empty()) {
      batch.swap(events_);
      bytes_ = 0;
    } else if (spill_ && !spill_->empty()) {
      take_spilled(lock, batch);
    }
    if (!spill_ || spill_->empty()) {
      announce_losses(batch);
    }
  }
  return true;
}

}  // namespace ktl
