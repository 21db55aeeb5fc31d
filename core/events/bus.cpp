#include "core/events/bus.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/events/redaction.h"

namespace ktl {
namespace {

constexpr size_t kGathered = 128;  // events that are handed over without waiting any longer

}  // namespace

struct Bus::Subscriber {
  explicit Subscriber(Subscription s)
      : name(std::move(s.name)),
        sink(std::move(s.sink)),
        at_once(s.at_once),
        queue(s.limits, s.spill_folder) {}

  void deliver(std::span<const BatchPtr> batches) const {
    if (!at_once) {
      for (const BatchPtr& batch : batches) {
        sink(batch->events);
      }
      return;
    }
    std::vector<EventPtr> events;
    for (const BatchPtr& batch : batches) {
      events.insert(events.end(), batch->events.begin(), batch->events.end());
    }
    sink(events);
  }

  // Whether its thread has delivered everything, or will have by then.
  bool ended_by(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex);
    return ended.wait_until(lock, deadline, [this] { return done; });
  }

  const std::string name;
  const std::function<void(std::span<const EventPtr>)> sink;
  const bool at_once;
  Queue queue;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;  // guarded by mutex
};

// What publishers and subscribers' threads share. Any thread.
class Bus::Hub {
 public:
  Hub(std::string build, std::shared_ptr<redact::Values> values, const Clock& clock)
      : build_(std::move(build)), clock_(clock), redaction_(std::move(values)) {}

  void add(std::shared_ptr<Subscriber> subscriber) {
    const std::lock_guard lock(mutex_);
    hand_over();
    subscribers_.push_back(std::move(subscriber));
  }

  void publish(std::string_view type, json::object body) {
    auto event = std::make_shared<Event>();
    event->build = build_;
    event->type = type;
    event->body = std::move(body);
    const std::lock_guard lock(mutex_);
    if (finished_) {
      return;
    }
    tell_held(redaction_.before(*event));
    if (redaction_.take(*event)) {
      add(std::move(event));
    }
  }

  // A subscriber has nothing to read: it is given what was gathered; when that is nothing, the
  // next event is not gathered.
  void starved() {
    const std::lock_guard lock(mutex_);
    hungry_ = gathered_.empty();
    hand_over();
  }

  std::vector<std::shared_ptr<Subscriber>> finish() {
    const std::lock_guard lock(mutex_);
    if (!finished_) {
      tell_held(redaction_.rest());
      hand_over();
    }
    finished_ = true;
    return subscribers_;
  }

  // Those of these names; nothing is handed to them any more.
  std::vector<std::shared_ptr<Subscriber>> closed(std::span<const std::string> names) {
    const std::lock_guard lock(mutex_);
    hand_over();
    std::vector<std::shared_ptr<Subscriber>> found;
    for (const auto& subscriber : subscribers_) {
      if (std::ranges::find(names, subscriber->name) != names.end()) {
        subscriber->queue.close();
        found.push_back(subscriber);
      }
    }
    return found;
  }

  void remove(const std::shared_ptr<Subscriber>& subscriber) {
    const std::lock_guard lock(mutex_);
    std::erase(subscribers_, subscriber);
  }

  std::vector<std::shared_ptr<Subscriber>> subscribers() {
    const std::lock_guard lock(mutex_);
    return subscribers_;
  }

 private:
  // With mutex_ held.
  void add(std::shared_ptr<Event> event) {
    event->seq = ++seq_;
    event->time_ns = clock_.unix_ns();
    weight_ += weight_of(*event);
    gathered_.push_back(std::move(event));
    if (hungry_ || gathered_.size() >= kGathered) {
      hungry_ = false;
      hand_over();
    }
  }

  void tell_held(std::vector<json::object> bodies) {
    for (json::object& body : bodies) {
      add(std::make_shared<Event>(Event{0, 0, build_, "log/1", std::move(body)}));
    }
  }

  void hand_over() {
    if (gathered_.empty()) {
      return;
    }
    auto batch = std::make_shared<const Batch>(Batch{std::move(gathered_), weight_});
    gathered_ = {};
    gathered_.reserve(kGathered);
    weight_ = 0;
    for (const auto& subscriber : subscribers_) {
      subscriber->queue.push(batch);
    }
  }

  const std::string build_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  Redaction redaction_;
  uint64_t seq_ = 0;
  bool finished_ = false;
  bool hungry_ = false;  // somebody waits: gather nothing
  std::vector<EventPtr> gathered_;
  size_t weight_ = 0;  // of what is gathered
  std::vector<std::shared_ptr<Subscriber>> subscribers_;
};

Bus::Bus(std::string build, std::shared_ptr<redact::Values> values, const Clock& clock)
    : build_(std::move(build)),
      redactor_(values),
      hub_(std::make_shared<Hub>(build_, std::move(values), clock)) {}

Bus::~Bus() {
  for (const auto& subscriber : hub_->subscribers()) {
    subscriber->queue.close();
    if (subscriber->thread.joinable()) {
      subscriber->thread.join();
    }
  }
}

void Bus::run(const std::shared_ptr<Hub>& hub, const std::shared_ptr<Subscriber>& subscriber) {
  std::vector<BatchPtr> batches;
  while (subscriber->queue.take(batches, [&] { hub->starved(); })) {
    subscriber->deliver(batches);
  }
  const std::lock_guard lock(subscriber->mutex);
  subscriber->done = true;
  subscriber->ended.notify_all();
}

void Bus::subscribe(Subscription subscription) {
  auto subscriber = std::make_shared<Subscriber>(std::move(subscription));
  subscriber->thread = std::thread(&Bus::run, hub_, subscriber);
  hub_->add(std::move(subscriber));
}

void Bus::publish(std::string_view type, json::object body) {
  hub_->publish(type, std::move(body));
}

std::vector<std::string> Bus::leave(std::span<const std::string> names,
                                    std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<std::string> busy;
  for (const auto& subscriber : hub_->closed(names)) {
    if (subscriber->ended_by(deadline)) {
      subscriber->thread.join();
      hub_->remove(subscriber);
    } else {
      busy.push_back(subscriber->name);
    }
  }
  return busy;
}

std::vector<std::string> Bus::finish(std::chrono::milliseconds timeout) {
  const auto subscribers = hub_->finish();
  for (const auto& subscriber : subscribers) {
    subscriber->queue.close();
  }
  auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<std::string> busy;
  for (const auto& subscriber : subscribers) {
    if (subscriber->ended_by(deadline)) {
      subscriber->thread.join();
    } else {
      subscriber->thread.detach();
      busy.push_back(subscriber->name);
    }
  }
  return busy;
}

}  // namespace ktl
