#include "core/bridge/peer.h"

#include <poll.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"

namespace ktl::bridge {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSoonNs = 60'000;
constexpr int64_t kQuickNs = 200'000;  // with the time that sleeping and waking takes

// For poll(2): rounded up, so that a deadline is never looked at too early; at most an hour.
int poll_timeout(int64_t deadline_ns) {
  if (deadline_ns == INT64_MAX) {
    return -1;
  }
  int64_t left = deadline_ns - system_clock().monotonic_ns();
  return static_cast<int>(
      std::clamp<int64_t>((left + kMillisecond - 1) / kMillisecond, 0, 3'600'000));
}

Status lie(const std::string& what) { return {Code::kDataLoss, "a broken message: " + what}; }

}  // namespace

void Pending::complete(Frame frame) {
  answer_ = std::move(frame);
  done_.set();
}

void Pending::fail(const Status& why) {
  status_ = why;
  broke_off_ = true;
  done_.set();
}

// Putting a thread to sleep and waking it costs as much as the rest of a short call. So others get
// the processor at first, and only who has waited for a while sleeps. That is for calls in a row:
// most calls of a build are long, and to wait busily for those is time wasted.
bool Pending::comes_soon() const {
  if (!quick_) {
    return done_.is_set();
  }
  const int64_t last = system_clock().monotonic_ns() + kSoonNs;
  while (!done_.is_set()) {
    if (system_clock().monotonic_ns() >= last) {
      return false;
    }
    ::sched_yield();
  }
  return true;
}

Pending::Wait Pending::wait(int64_t deadline_ns, const CancelToken* cancel) const {
  if (comes_soon()) {
    return Wait::kDone;
  }
  for (;;) {
    std::array<pollfd, 2> fds = {
        {{done_.fd(), POLLIN, 0}, {cancel == nullptr ? -1 : cancel->fd(), POLLIN, 0}}};
    int ready = poll(fds.data(), fds.size(), poll_timeout(deadline_ns));
    if (done_.is_set()) {
      return Wait::kDone;
    }
    if (ready > 0 && fds[1].revents != 0) {
      return Wait::kCancelled;
    }
    if (ready == 0 && system_clock().monotonic_ns() >= deadline_ns) {
      return Wait::kTimeout;
    }
  }
}

Result<Frame> Pending::take() {
  KTL_TRY(Status(status_));
  KTL_ASSIGN(Answer answer, answer_of(answer_.head));
  KTL_TRY(std::move(answer.status));
  answer_.head = std::move(answer.value);
  return std::move(answer_);
}

Result<std::shared_ptr<Pending>> Peer::start(const json::object& head, std::string_view body,
                                             std::vector<int> fds, bool secret) {
  auto pending = std::make_shared<Pending>();
  pending->begun_ns_ = system_clock().monotonic_ns();
  pending->quick_ = quick_;
  {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return open_.size() < kMaxCalls || !over_.ok(); });
    KTL_TRY(Status(over_));
    pending->id_ = next_id_++;
    open_.emplace(pending->id_, pending);
  }
  Status sent = link_.send({Kind::kCall, secret, pending->id_, head, body, std::move(fds)});
  // Whoever reads is about to learn why the other side is gone, and ends this call with it.
  if (!sent.ok() && sent.code() != Code::kUnavailable) {
    const std::lock_guard lock(mutex_);
    open_.erase(pending->id_);
    return over_.ok() ? sent : over_;
  }
  return pending;
}

Result<Frame> Peer::ask(const json::object& head, std::string_view body, std::vector<int> fds,
                        bool secret) {
  KTL_ASSIGN(auto pending, start(head, body, std::move(fds), secret));
  static_cast<void>(pending->wait(INT64_MAX, nullptr));
  return pending->take();
}

void Peer::abandon(const Pending& pending) {
  const std::lock_guard lock(mutex_);
  auto found = open_.find(pending.id());
  if (found != open_.end()) {
    found->second = nullptr;
  }
}

Status Peer::notify(const json::object& head, std::string_view body) {
  return link_.send({Kind::kNotice, false, 0, head, body});
}

Status Peer::tell(const json::object& head, std::string_view body) {
  return link_.post({Kind::kNotice, false, 0, head, body});
}

Status Peer::answer(uint64_t id, const json::object& head, std::string_view body,
                    std::vector<int> fds, bool secret) {
  {
    const std::lock_guard lock(mutex_);
    asked_.erase(id);
  }
  return link_.send({Kind::kAnswer, secret, id, head, body, std::move(fds)});
}

Status Peer::receive() {
  arrived_.clear();
  Status status = link_.receive(arrived_);
  for (Frame& frame : arrived_) {
    KTL_TRY(dispatch(std::move(frame)));
  }
  return status;
}

void Peer::end(const Status& why) {
  std::map<uint64_t, std::shared_ptr<Pending>> open;
  {
    const std::lock_guard lock(mutex_);
    if (over_.ok()) {
      over_ = why;
    }
    open.swap(open_);
  }
  room_.notify_all();
  link_.close();
  for (const auto& [id, pending] : open) {
    if (pending != nullptr) {
      pending->fail(why);
    }
  }
}

Status Peer::dispatch(Frame frame) {
  switch (frame.kind) {
    case Kind::kCall:
      return take_call(std::move(frame));
    case Kind::kAnswer:
      return take_answer(std::move(frame));
    case Kind::kNotice:
      return listener_.on_notice(std::move(frame));
  }
  return lie("its kind is unknown");
}

Status Peer::take_call(Frame call) {
  {
    const std::lock_guard lock(mutex_);
    if (!asked_.insert(call.id).second) {
      return lie("a second call of one id");
    }
    if (asked_.size() > kMaxCalls) {
      return lie("more than " + std::to_string(kMaxCalls) + " calls at once");
    }
  }
  return listener_.on_call(std::move(call));
}

Status Peer::take_answer(Frame answer) {
  std::shared_ptr<Pending> pending;
  {
    const std::lock_guard lock(mutex_);
    auto found = open_.find(answer.id);
    if (found == open_.end()) {
      return lie("an answer to a call that is not open");
    }
    pending = std::move(found->second);
    open_.erase(found);
  }
  room_.notify_one();
  if (pending != nullptr) {
    quick_ = system_clock().monotonic_ns() - pending->begun_ns_ < kQuickNs;
    pending->complete(std::move(answer));
  }
  return {};
}

}  // namespace ktl::bridge
