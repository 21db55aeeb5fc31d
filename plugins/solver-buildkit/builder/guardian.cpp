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

namespace ktl::builder {
namespace {

constexpr useconds_t kPauseUs = 50'000;
constexpr int kEnd = 3;
constexpr int kLock = 4;

void ask_daemons(const Home& home, std::set<pid_t>& asked) {
  for (pid_t pid : daemons_of(home)) {
    if (asked.insert(pid).second) {  // at a second signal it would drop its builds
      ::kill(pid, SIGTERM);
    }
  }
}

// One that was stopped (SIGSTOP) hears no other signal until it goes on.
void wake(const std::vector<pid_t>& family) {
  for (pid_t pid : family) {
    ::kill(pid, SIGCONT);
  }
}

// The family lock is ours all the while: whatever is found is of this builder, and who wants to
// start the next one waits until all of it is gone.
void end_orphans(const Site& site) {
  std::set<pid_t> asked;
  for (auto family = family_of(site.home); !family.empty(); family = family_of(site.home)) {
    ask_daemons(site.home, asked);
    wake(family);
    ::usleep(kPauseUs);
  }
  ::unlink(site.home.instance().c_str());
  sweep(site);
}

// Keeps descriptors 0 to 2, and moves these two to 3 and 4.
void close_others(int supervisor_end, int family_lock) {
  const int end = ::fcntl(supervisor_end, F_DUPFD, kLock + 1);
  const int lock = ::fcntl(family_lock, F_DUPFD, kLock + 1);
  ::dup2(end, kEnd);
  ::dup2(lock, kLock);
  ::close_range(kLock + 1, ~0U, 0);
}

[[noreturn]] void guard(const Site& site, int supervisor_end, int family_lock) {
  ::prctl(PR_SET_NAME, "ktl-guardian");
  ::setsid();
  for (int number : {SIGTERM, SIGINT, SIGHUP}) {
    ::signal(number, SIG_IGN);  // meant for the supervisor
  }
  close_others(supervisor_end, family_lock);
  char byte = 0;
  while (::read(kEnd, &byte, 1) < 0 && errno == EINTR) {
  }
  end_orphans(site);
  ::_exit(0);
}

}  // namespace

Result<Guardian> Guardian::start(const Site& site, const UniqueFd& family) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return errno_status("pipe", errno);
  }
  UniqueFd read(ends[0]);
  Guardian guardian;
  guardian.alive_.reset(ends[1]);
  guardian.pid_ = ::fork();
  if (guardian.pid_ == 0) {
    guard(site, read.get(), family.get());
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
