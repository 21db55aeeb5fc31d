#include "builder/guardian.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include "builder/family.h"
#include "builder/instance.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr useconds_t kPauseUs = 50'000;

void ask_daemons(const Home& home, std::set<pid_t>& asked) {
  for (pid_t pid : daemons_of(home)) {
    if (asked.insert(pid).second) {  // at a second signal it would drop its builds
      ::kill(pid, SIGTERM);
    }
  }
}

// The next supervisor takes the family over as soon as its builds have ended; then this is its
// work.
bool is_orphan(const Site& site, pid_t supervisor) {
  auto instance = read_instance(site.home.instance());
  return !instance.ok() || instance->supervisor.pid == supervisor || !is_alive(*instance);
}

void end_orphans(const Site& site, pid_t supervisor) {
  std::set<pid_t> asked;
  while (!family_of(site.home).empty() && is_orphan(site, supervisor)) {
    ask_daemons(site.home, asked);
    ::usleep(kPauseUs);
  }
  auto lock = lock_file(site.home.family_lock(), LockMode::kExclusive, 0, {});
  if (lock.ok() && !asked.empty()) {
    ::unlink(site.home.instance().c_str());
    sweep(site);
  }
}

[[noreturn]] void guard(const Site& site, int supervisor_end, pid_t supervisor) {
  ::prctl(PR_SET_NAME, "ktl-guardian");
  ::setsid();
  for (int number : {SIGTERM, SIGINT, SIGHUP}) {
    ::signal(number, SIG_IGN);  // meant for the supervisor
  }
  const int kept = ::fcntl(supervisor_end, F_DUPFD, 3);
  ::dup2(kept, 3);
  ::close_range(4, ~0U, 0);
  char byte = 0;
  while (::read(3, &byte, 1) < 0 && errno == EINTR) {
  }
  end_orphans(site, supervisor);
  ::_exit(0);
}

}  // namespace

Result<Guardian> Guardian::start(const Site& site) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  UniqueFd read(ends[0]);
  Guardian guardian;
  guardian.alive_.reset(ends[1]);
  const pid_t self = ::getpid();
  guardian.pid_ = ::fork();
  if (guardian.pid_ == 0) {
    guard(site, read.get(), self);
  }
  if (guardian.pid_ < 0) {
    guardian.pid_ = 0;
    return errno_status("fork", errno);
  }
  return guardian;
}

Guardian::Guardian(Guardian&& other) noexcept
    : alive_(std::move(other.alive_)), pid_(std::exchange(other.pid_, 0)) {}

Guardian& Guardian::operator=(Guardian&& other) noexcept {
  std::swap(alive_, other.alive_);
  std::swap(pid_, other.pid_);
  return *this;
}

Guardian::~Guardian() {
  alive_.reset();
  if (pid_ > 0) {
    ::waitpid(pid_, nullptr, 0);
  }
}

}  // namespace ktl::builder
