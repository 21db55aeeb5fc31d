#include "builder/stop.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/fd.h"
#include "builder/family.h"
#include "builder/instance.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr int64_t kEndMs = 30'000;
constexpr int64_t kForcedMs = 10'000;

// Asks the supervisor to stop and waits until it has; ignores one that is gone already.
void end_supervisor(const ProcessId& supervisor, const Caller& caller) {
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, supervisor.pid, 0U)));
  if (!pidfd.valid() || identify(supervisor.pid) != supervisor) {
    return;
  }
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGTERM, nullptr, 0U);
  ::syscall(SYS_pidfd_send_signal, pidfd.get(), SIGCONT, nullptr, 0U);  // it may have been stopped
  std::array<pollfd, 2> fds = {{{pidfd.get(), POLLIN, 0}, {caller.cancel_fd, POLLIN, 0}}};
  ::poll(fds.data(), fds.size(), static_cast<int>(kEndMs));
}

bool exists(const Home& home) {
  std::error_code error;
  return std::filesystem::exists(home.family_lock(), error);
}

// The lock of a builder that nobody uses; with `force`, the one that keeps others from starting it.
Result<UniqueFd> wait_for_builds(const Home& home, const StopOptions& options,
                                 const Caller& caller) {
  if (options.force) {
    auto start = lock_file(home.start_lock(), LockMode::kExclusive, kForcedMs, caller);
    return start.ok() ? *std::move(start) : UniqueFd();  // one that hangs is ended all the same
  }
  auto alone = lock_file(home.clients_lock(), LockMode::kExclusive, options.wait_ms, caller);
  if (alone.status().code() == Code::kDeadlineExceeded) {
    return Status(Code::kUnavailable, "the private builder is in use: " + alone.status().message())
        .advise("wait longer with --timeout SECONDS, or end its builds with --force");
  }
  return alone;
}

}  // namespace

Result<bool> stop_builder(const Site& site, const StopOptions& options, const Caller& caller) {
  const Home& home = site.home;
  if (!exists(home)) {
    return false;
  }
  KTL_ASSIGN(UniqueFd alone, wait_for_builds(home, options, caller));
  auto instance = read_instance(home.instance());
  bool supervised = instance.ok() && is_alive(*instance);
  if (supervised) {
    end_supervisor(instance->supervisor, caller);
    if (caller.cancelled()) {
      return Status(Code::kCancelled, "cancelled while the private builder was stopping");
    }
  }
  // A daemon whose supervisor was killed may still be there.
  auto gone = lock_file(home.family_lock(), LockMode::kExclusive, 0, caller);
  bool orphaned = !gone.ok();
  if (orphaned) {
    wake_holders(home.family_lock());
    KTL_TRY(end_family(site, kEndMs));
    gone = lock_file(home.family_lock(), LockMode::kExclusive, kForcedMs, caller);
  }
  if (!gone.ok()) {
    return Status(Code::kUnavailable,
                  "the private builder does not stop: " + gone.status().message());
  }
  KTL_TRY(end_family(site, 0));  // a daemon whose jail was killed a moment ago
  ::unlink(home.instance().c_str());
  sweep(site);
  return supervised || orphaned;
}

}  // namespace ktl::builder
