#include "mailbox.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace ktl::solver {
namespace {

constexpr size_t kMaxQueued = 4096;

}  // namespace

Mailbox::Mailbox() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

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
  wake();
}

void Mailbox::wake() {
  const uint64_t one = 1;
  // Can only fail when the counter is full, and then it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(event_.get(), &one, sizeof one);
}

std::deque<Event> Mailbox::take() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(event_.get(), &count, sizeof count);
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
