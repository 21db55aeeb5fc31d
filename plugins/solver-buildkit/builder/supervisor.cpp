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
#include "builder/guardian.h"
#include "builder/instance.h"
#include "builder/jail.h"
#include "builder/lock.h"
#include "builder/log.h"
#include "builder/order.h"
#include "builder/outside.h"
#include "builder/ready.h"
#include "builder/state_format.h"
#include "builder/watch.h"

namespace ktl::builder {
namespace {

constexpr int64_t kReadyMs = 30'000;
constexpr int64_t kStartLockMs = 60'000;
constexpr int64_t kDrainMs = 30 * 60'000;  // builds on a daemon without a supervisor may go on
constexpr int64_t kStopMs = 10'000;

// A daemon and what belongs to it while it runs.
struct Running {
  UniqueFd family;  // the family lock; guardian and the jail's own process hold it as well
  UniqueFd log;
  Guardian guardian;
  Child jail;
  std::unique_ptr<Outside> outside;
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
    wake_holders(site.home.family_lock());
    // A supervisor that is about to end needs this long at most.
    static_cast<void>(end_family(site, kStopMs));
    lock = lock_file(site.home.family_lock(), LockMode::kExclusive, kStopMs, caller);
  }
  if (lock.status().code() == Code::kDeadlineExceeded) {
    end_former_supervisor(site.home);
    lock = lock_file(site.home.family_lock(), LockMode::kExclusive, kStopMs, caller);
  }
  // A daemon whose jail was killed a moment ago dies without holding the lock.
  KTL_TRY(lock.ok() ? end_family(site, 0) : Status());
  return lock;
}

// A folder that the jail may write to: its owner is the jail's root. One that is there already must
// be one, or the user's own.
Status give_folder(const std::filesystem::path& folder, const SubIds& ids) {
  struct stat info{};
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("make " + folder.string(), errno);
  }
  const uid_t owner = ids.own ? ::geteuid() : ids.uid;
  if (::lstat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode) ||
      (info.st_uid != owner && info.st_uid != ::geteuid())) {
    return Status(Code::kFailedPrecondition, folder.string() + " is no folder of this builder's")
        .advise("see what is there, then remove it");
  }
  if (!ids.own && info.st_uid != owner &&
      ::chown(folder.c_str(), ids.uid, ids.gid) != 0) {  // ours until now: nobody swaps it
    return errno_status("give away " + folder.string(), errno);
  }
  return {};
}

Status write_what_it_reads(const Site& site, const Getenv& getenv, const UniqueFd& log) {
  KTL_TRY(give_folder(site.home.root(), site.ids));
  KTL_TRY(give_folder(site.home.scratch(), site.ids));
  KTL_ASSIGN(std::string policy, jail_policy(site, daemon_environment(site, getenv)));
  KTL_TRY(write_file_atomic(site.home.jail(), policy, 0600));
  // The jail's root is another user; who may not enter the folder above does not see it.
  KTL_TRY(write_file_atomic(site.home.config(), daemon_config(site), 0644));
  KTL_ASSIGN(std::string done, settle_state(site));
  return done.empty() ? Status() : write_all(log.get(), done + "\n");
}

// Clients connect to a second name of the socket: the first is in a folder that the jail can write
// to, and might one day be a link to somebody else's socket.
Status publish(const Home& home) {
  struct stat info{};
  if (::linkat(AT_FDCWD, home.daemon_socket().c_str(), AT_FDCWD, home.socket.c_str(), 0) != 0) {
    return errno_status("make " + home.socket.string(), errno);
  }
  return ::lstat(home.socket.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)
             ? Status()
             : Status(Code::kUnavailable, home.socket.string() + " is no socket");
}

// Sleeps until the daemon's socket answers; inotify(7) tells of its coming.
Status wait_until_ready(Child& jail, const Home& home, const Caller& caller) {
  UniqueFd notices(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  ::inotify_add_watch(notices.get(), home.scratch().c_str(), IN_CREATE);
  int64_t deadline = system_clock().monotonic_ns() + kReadyMs * 1'000'000;
  bool bound = false;
  while (!answers(home.daemon_socket().string())) {
    std::array<pollfd, 3> fds = {
        {{jail.pidfd(), POLLIN, 0}, {caller.cancel_fd, POLLIN, 0}, {notices.get(), POLLIN, 0}}};
    // Between its coming and its first answer lies only listen(2).
    bound = bound || ::access(home.daemon_socket().c_str(), F_OK) == 0;
    ::poll(fds.data(), bound ? 2 : 3, bound ? 1 : 100);
    if (fds[0].revents != 0) {
      auto code = jail.wait(0);
      return {Code::kUnavailable, "the jail or buildkitd ended with exit code " +
                                      std::to_string(code.ok() ? *code : -1)};
    }
    if (fds[1].revents != 0) {
      return {Code::kCancelled, "told to stop while buildkitd was starting"};
    }
    if (system_clock().monotonic_ns() >= deadline) {
      return {Code::kUnavailable, "buildkitd did not answer in 30 s"};
    }
  }
  return publish(home);
}

Status announce(const Site& site, const Child& jail) {
  auto self = identify(::getpid());
  auto daemon = identify(inmate_of(jail.pid()));
  if (!self || !daemon) {
    return {Code::kUnavailable, "buildkitd ended as soon as it had started"};
  }
  return write_instance(site.home.instance(),
                        {*self, *daemon, boot_id(), config_digest(site), site.home.socket.string(),
                         site.home.state.string(), rfc3339(system_clock().unix_ns())});
}

// The first process in the jail's namespaces, which exists long before the daemon answers.
Result<pid_t> await_inmate(Child& jail, const Caller& caller) {
  for (int64_t waited = 0; waited < kReadyMs; ++waited) {
    if (pid_t inmate = inmate_of(jail.pid()); inmate > 0) {
      return inmate;
    }
    if (auto code = jail.wait(0); code.ok()) {
      return Status(Code::kUnavailable,
                    "the builder's jail ended with exit code " + std::to_string(*code));
    }
    if (caller.pause(1)) {
      return Status(Code::kCancelled, "told to stop while the jail was starting");
    }
  }
  return Status(Code::kUnavailable, "the builder's jail did not start in 30 s");
}

Status start_daemon(const Site& site, const Getenv& getenv, const Caller& caller, Running& run) {
  KTL_ASSIGN(Command command, jail_command(site, daemon_argv(site)));
  command.inherit = {run.family.get()};
  KTL_ASSIGN(run.guardian, Guardian::start(site, run.family));
  KTL_ASSIGN(run.jail, spawn(command, run.log.get(), false));
  KTL_ASSIGN(pid_t inmate, await_inmate(run.jail, caller));
  KTL_ASSIGN(run.outside, Outside::open(site, inmate, getenv, run.log.get()));
  KTL_TRY(wait_until_ready(run.jail, site.home, caller));
  return announce(site, run.jail);
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
  KTL_TRY(write_order(site));
  KTL_TRY(write_what_it_reads(site, getenv, run.log));
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
  if (run.jail.pid() > 0 && !run.jail.wait(kStopMs).ok()) {
    run.jail.signal(SIGKILL);
  }
  run.outside.reset();
  sweep(site);
  record_end(site.home, reason, failed);
}

}  // namespace

Status supervise(Site site, const Getenv& getenv, Handover handover, const Caller& caller) {
  leave_keyrings();  // this thread starts the jail, whose inmates are nobody's session
  Running run;
  site.certificates = certificates_of(site.home, getenv);
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
  End end = watch(run.jail, site.home, run.log, site.settings.idle_seconds * 1000, caller,
                  run.outside.get());
  finish(site, run, end.reason, end.failed);
  return {};
}

}  // namespace ktl::builder
