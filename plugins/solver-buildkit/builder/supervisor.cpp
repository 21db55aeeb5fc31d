#include "builder/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "base/clock.h"
#include "base/json.h"
#include "base/process.h"
#include "builder/family.h"
#include "builder/instance.h"
#include "builder/lock.h"
#include "builder/log.h"
#include "builder/ready.h"
#include "builder/state_format.h"
#include "builder/watch.h"

namespace ktl::builder {
namespace {

constexpr int64_t kReadyMs = 30'000;
constexpr int64_t kStartLockMs = 60'000;
constexpr int64_t kDrainMs = 30 * 60'000;  // builds on a daemon without a supervisor may go on
constexpr int64_t kStopMs = 10'000;
// rootlesskit gives its child descriptors from 3 on; the lock must not be in their way.
constexpr int kFirstLockFd = 64;

// A daemon and what belongs to it while it runs.
struct Running {
  UniqueFd family;  // the family lock; the daemon's processes hold it as well
  UniqueFd log;
  Child daemon;
};

// Whoever was supervisor before: gone, or hung, since nobody holds the start lock but us.
void end_former_supervisor(const Home& home) {
  auto former = read_instance(home.instance());
  if (former.ok() && former->boot == boot_id() &&
      identify(former->supervisor.pid) == former->supervisor) {
    ::kill(former->supervisor.pid, SIGKILL);
  }
}

// The family lock, once every process of a former daemon is gone; the builds that were running on
// it have ended, since nobody else holds the clients' lock.
Result<UniqueFd> take_over(const Site& site, const Caller& caller) {
  auto lock = lock_file(site.home.family_lock(), LockMode::kExclusive, 0, caller);
  if (lock.status().code() == Code::kDeadlineExceeded) {
    // A supervisor that is about to end needs this long at most.
    static_cast<void>(end_family(site, kStopMs));
    lock = lock_file(site.home.family_lock(), LockMode::kExclusive, kStopMs, caller);
  }
  if (lock.status().code() == Code::kDeadlineExceeded) {
    end_former_supervisor(site.home);
    lock = lock_file(site.home.family_lock(), LockMode::kExclusive, kStopMs, caller);
  }
  KTL_ASSIGN(UniqueFd taken, std::move(lock));
  UniqueFd high(::fcntl(taken.get(), F_DUPFD_CLOEXEC, kFirstLockFd));
  if (!high.valid()) {
    return errno_status("keep " + site.home.family_lock().string(), errno);
  }
  return high;
}

Status write_what_it_reads(const Site& site, const UniqueFd& log) {
  KTL_ASSIGN(std::string done, settle_state(site));
  if (!done.empty()) {
    KTL_TRY(write_all(log.get(), done + "\n"));
  }
  if (site.programs.rootless() && ::mkdir(site.home.scratch().c_str(), 0700) != 0) {
    return errno_status("make " + site.home.scratch().string(), errno);
  }
  return write_file_atomic(site.home.config(), daemon_config(site), 0600);
}

// Sleeps until the daemon's socket answers; inotify(7) tells of its coming.
Status wait_until_ready(Child& daemon, const Home& home, const Caller& caller) {
  UniqueFd notices(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ::inotify_add_watch(notices.get(), home.socket.parent_path().c_str(), IN_CREATE);
  int64_t deadline = system_clock().monotonic_ns() + kReadyMs * 1'000'000;
  bool bound = false;
  while (!answers(home.socket.string())) {
    std::array<pollfd, 3> fds = {
        {{daemon.pidfd(), POLLIN, 0}, {caller.cancel_fd, POLLIN, 0}, {notices.get(), POLLIN, 0}}};
    // Between its coming and its first answer lies only listen(2).
    bound = bound || ::access(home.socket.c_str(), F_OK) == 0;
    ::poll(fds.data(), bound ? 2 : 3, bound ? 1 : 100);
    if (fds[0].revents != 0) {
      auto code = daemon.wait(0);
      return {Code::kUnavailable,
              "buildkitd ended with exit code " + std::to_string(code.ok() ? *code : -1)};
    }
    if (fds[1].revents != 0) {
      return {Code::kCancelled, "told to stop while buildkitd was starting"};
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return {Code::kUnavailable, "buildkitd did not answer in 30 s"};
    }
  }
  return {};
}

Status announce(const Site& site) {
  auto self = identify(::getpid());
  auto daemon = identify(daemon_of(site));
  if (!self || !daemon) {
    return {Code::kUnavailable, "buildkitd ended as soon as it had started"};
  }
  return write_instance(site.home.instance(),
                        {*self, *daemon, boot_id(), config_digest(site), site.home.socket.string(),
                         site.home.state.string(), rfc3339(system_clock().unix_ns())});
}

Status start_daemon(const Site& site, const Getenv& getenv, const Caller& caller, Running& run) {
  Command command = daemon_command(site, getenv);
  command.inherit = {run.family.get()};
  command.directory = "/";
  KTL_ASSIGN(run.daemon, spawn(command, run.log.get(), false));
  KTL_TRY(wait_until_ready(run.daemon, site.home, caller));
  return announce(site);
}

Status begin(const Site& site, const Getenv& getenv, Handover& handover, const Caller& caller,
             Running& run) {
  KTL_TRY(make_home(site.home));
  if (!handover.start_lock.valid()) {
    KTL_ASSIGN(handover.start_lock,
               lock_file(site.home.start_lock(), LockMode::kExclusive, kStartLockMs, caller));
  }
  if (auto instance = running_instance(site.home)) {
    return {Code::kFailedPrecondition,
            "the builder runs already, as process " + std::to_string(instance->daemon.pid)};
  }
  KTL_ASSIGN(UniqueFd alone,
             lock_file(site.home.clients_lock(), LockMode::kExclusive, kDrainMs, caller));
  KTL_ASSIGN(run.family, take_over(site, caller));
  ::unlink(site.home.instance().c_str());
  sweep(site);
  KTL_ASSIGN(run.log, open_log(site.home));
  bound_log(site.home, run.log);
  KTL_TRY(write_what_it_reads(site, run.log));
  return start_daemon(site, getenv, caller, run);
}

// What people see in `ktl builder inspect` after the fact.
void record_end(const Home& home, const std::string& reason, bool failed) {
  json::object end{{"schema", "ktl.builder-end/1"},
                   {"time", rfc3339(system_clock().unix_ns())},
                   {"reason", reason},
                   {"failed", failed},
                   {"log_tail", failed ? log_tail(home.log()) : ""}};
  static_cast<void>(write_file_atomic(home.last_end(), pretty_json(end), 0600));
}

void finish(const Site& site, Running& run, const std::string& reason, bool failed) {
  ::unlink(site.home.instance().c_str());
  static_cast<void>(end_family(site, kStopMs));
  if (run.daemon.pid() > 0 && !run.daemon.wait(kStopMs).ok()) {
    run.daemon.signal(SIGKILL);
  }
  sweep(site);
  record_end(site.home, reason, failed);
}

}  // namespace

Status supervise(const Site& site, const Getenv& getenv, Handover handover, const Caller& caller) {
  Running run;
  Status started = begin(site, getenv, handover, caller, run);
  if (!started.ok()) {
    if (run.family.valid()) {
      finish(site, run, started.message(), true);
    }
    report_ready(handover.ready, started);
    return started;
  }
  report_ready(handover.ready, {});
  handover.start_lock.reset();
  End end = watch(run.daemon, site.home, run.log, site.settings.idle_seconds * 1000, caller);
  finish(site, run, end.reason, end.failed);
  return {};
}

}  // namespace ktl::builder
