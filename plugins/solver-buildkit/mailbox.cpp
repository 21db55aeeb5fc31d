#include "mailbox.h"

#include <sys/timerfd.h>
#include <utility>

namespace ktl::solver {
namespace {

constexpr size_t kMaxQueued = 4096;
constexpr long kSoonNs = 10'000'000;
constexpr itimerspec kOff{};

}  // namespace

Mailbox::Mailbox() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {}

void Mailbox::post(std::vector<Event> events) {
  if (events.empty()) {
    return;
  }
  {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return events_.size() < kMaxQueued || closed_; });
    for (Event& event : events) {
      events_.push_back(std::move(event));
    }
  }
  wake_soon();
}

void Mailbox::arm(Alarm wanted) {
  const std::lock_guard lock(mutex_);
  if (alarm_ < wanted) {
    alarm_ = wanted;
    const itimerspec once{.it_interval = {}, .it_value = {0, wanted == Alarm::kNow ? 1 : kSoonNs}};
    ::timerfd_settime(timer_.get(), 0, &once, nullptr);
  }
}

void Mailbox::hush() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(alarm_, Alarm::kNone) != Alarm::kNone) {
    ::timerfd_settime(timer_.get(), 0, &kOff, nullptr);  // what has expired is forgotten as well
  }
}

std::deque<Event> Mailbox::take() {
  const std::lock_guard lock(mutex_);
  taken_.notify_all();
  return std::exchange(events_, {});
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  taken_.notify_all();
}

}  // namespace ktl::solver
