#include "core/events/bus.h"

#include <thread>
#include <utility>

namespace ktl {

struct Bus::Subscriber {
  explicit Subscriber(Subscription s)
      : name(std::move(s.name)), sink(std::move(s.sink)), queue(s.limits, s.spill_folder) {}

  const std::string name;
  const std::function<void(std::span<const EventPtr>)> sink;
  Queue queue;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;  // guarded by mutex
};

Bus::Bus(std::string build, Filter filter, const Clock& clock)
    : build_(std::move(build)), filter_(std::move(filter)), clock_(clock) {}

Bus::~Bus() {
  for (const auto& subscriber : subscribers_) {
    subscriber->queue.close();
    if (subscriber->thread.joinable()) {
      subscriber->thread.join();
    }
  }
}

void Bus::run(const std::shared_ptr<Subscriber>& subscriber) {
  std::vector<EventPtr> batch;
  while (subscriber->queue.take(batch)) {
    subscriber->sink(batch);
  }
  std::lock_guard lock(subscriber->mutex);
  subscriber->done = true;
  subscriber->ended.notify_all();
}

void Bus::subscribe(Subscription subscription) {
  auto subscriber = std::make_shared<Subscriber>(std::move(subscription));
  subscriber->thread = std::thread(&Bus::run, subscriber);
  std::lock_guard lock(mutex_);
  subscribers_.push_back(std::move(subscriber));
}

void Bus::publish(std::string_view type, json::object body) {
  auto event = std::make_shared<Event>();
  event->build = build_;
  event->type = type;
  event->body = std::move(body);
  std::lock_guard lock(mutex_);
  if (finished_) {
    return;
  }
  event->seq = ++seq_;
  event->time_ns = clock_.unix_ns();
  if (filter_) {
    filter_(*event);
  }
  size_t weight = weight_of(*event);
  for (const auto& subscriber : subscribers_) {
    subscriber->queue.push(event, weight);
  }
}

std::vector<std::string> Bus::finish(std::chrono::milliseconds timeout) {
  std::vector<std::shared_ptr<Subscriber>> subscribers;
  {
    std::lock_guard lock(mutex_);
    finished_ = true;
    subscribers = subscribers_;
  }
  for (const auto& subscriber : subscribers) {
    subscriber->queue.close();
  }
  auto deadline = std::chrono::steady_clock::now() + timeout;
  std::vector<std::string> busy;
  for (const auto& subscriber : subscribers) {
    std::unique_lock lock(subscriber->mutex);
    if (subscriber->ended.wait_until(lock, deadline, [&] { return subscriber->done; })) {
      lock.unlock();
      subscriber->thread.join();
    } else {
      subscriber->thread.detach();
      busy.push_back(subscriber->name);
    }
  }
  return busy;
}

}  // namespace ktl
