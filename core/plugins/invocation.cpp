#include "core/plugins/invocation.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/clock.h"
#include "core/plugins/crash.h"

namespace ktl {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

// For poll(2): rounded up, so that a deadline is never looked at too early; at most an hour.
int poll_timeout(int64_t deadline_ns) {
  if (deadline_ns == INT64_MAX) {
    return -1;
  }
  int64_t left = deadline_ns - system_clock().monotonic_ns();
  return static_cast<int>(
      std::clamp<int64_t>((left + kMillisecond - 1) / kMillisecond, 0, 3'600'000));
}

}  // namespace

std::shared_ptr<Invocation> Invocation::make(std::string plugin, std::string what,
                                             std::shared_ptr<const Host> host, int64_t deadline_ns,
                                             Body body) {
  return std::shared_ptr<Invocation>(new Invocation(std::move(plugin), std::move(what),
                                                    std::move(host), deadline_ns, std::move(body)));
}

void Invocation::execute() {
  const CrashBlame blame("plugin " + call_.plugin() + " crashed in " + call_.what());
  try {
    returned_ = body_(&call_);
  } catch (...) {
    call_.offend(rules::kException, "let an exception escape");
  }
  call_.returned();
  body_ = nullptr;  // with the document; the call itself may be kept
  finished_.store(true, std::memory_order_release);
  if (done_.valid()) {
    eventfd_write(done_.get(), 1);
  }
}

Invocation::Wait Invocation::wait(int64_t deadline_ns, const CancelToken* cancel) const {
  for (;;) {
    std::array<pollfd, 2> fds = {
        {{done_.get(), POLLIN, 0}, {cancel == nullptr ? -1 : cancel->fd(), POLLIN, 0}}};
    int timeout = poll_timeout(deadline_ns);
    int ready = poll(fds.data(), fds.size(), timeout);
    if (finished_.load(std::memory_order_acquire)) {
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

Status Invocation::run(const std::shared_ptr<Invocation>& invocation, Worker& worker,
                       const CallContext& context, bool& gave_up) {
  KTL_TRY(begin(invocation, worker));
  return end(invocation, worker, context, gave_up);
}

Status Invocation::begin(const std::shared_ptr<Invocation>& invocation, Worker& worker) {
  invocation->done_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!invocation->done_.valid()) {
    return errno_status("eventfd", errno);
  }
  worker.post([invocation] { invocation->execute(); });
  return {};
}

Status Invocation::end(const std::shared_ptr<Invocation>& invocation, Worker& worker,
                       const CallContext& context, bool& gave_up) {
  Wait why = invocation->wait(context.deadline_ns, context.cancel);
  if (why == Wait::kDone) {
    return invocation->judge(why);
  }
  invocation->call_.stop().cancel();
  int64_t last = system_clock().monotonic_ns() + context.grace_ns;
  if (invocation->wait(last, nullptr) == Wait::kDone) {
    return invocation->judge(why);
  }
  invocation->call_.report(Side::kPlugin, rules::kHangs, "did not return when it was asked to");
  invocation->call_.close();
  worker.leave();
  gave_up = true;
  return not_stopped(invocation->call_.plugin(), invocation->call_.what(),
                     why == Wait::kTimeout ? Code::kDeadlineExceeded : Code::kCancelled,
                     context.grace_ns);
}

void Invocation::post(const std::shared_ptr<Invocation>& invocation, Worker& worker, Done done) {
  worker.post([invocation, done = std::move(done)] {
    invocation->execute();
    Status outcome = invocation->call_.outcome(invocation->returned_);
    done(outcome.ok() ? Result<std::string>(invocation->call_.take_result()) : std::move(outcome));
  });
}

// A plugin cannot know why it was asked to stop; the host does.
Status Invocation::judge(Wait why) {
  Status outcome = call_.outcome(returned_);
  if (why == Wait::kTimeout && outcome.code() == Code::kCancelled) {
    return ran_out_of_time(call_.plugin(), call_.what());
  }
  return outcome;
}

Status ran_out_of_time(const std::string& plugin, const std::string& what) {
  return {Code::kDeadlineExceeded, "plugin " + plugin + " ran out of time in " + what};
}

Status not_stopped(const std::string& plugin, const std::string& what, Code why, int64_t grace_ns) {
  std::string asked =
      why == Code::kDeadlineExceeded ? "its deadline passed" : "the build was cancelled";
  return {why, "plugin " + plugin + " did not return from " + what + " within " +
                   std::to_string(grace_ns / kMillisecond) + " ms after " + asked};
}

}  // namespace ktl
