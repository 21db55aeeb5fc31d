#include "builder/family.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "base/process.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxCommandLine = 1U << 20U;
constexpr int64_t kLastMs = 5'000;
constexpr int64_t kNsPerMs = 1'000'000;
constexpr useconds_t kSettleUs = 1'000;
constexpr int kSettleTurns = 20;

// The arguments of a process; none when it has ended or belongs to somebody else (root's own daemon
// is somebody else's: the sub-ids').
std::vector<std::string> arguments_of(pid_t pid) {
  std::string folder = "/proc/" + std::to_string(pid);
  struct stat info{};
  auto fd = open_file(folder + "/cmdline", O_RDONLY);
  if (!fd.ok() || ::stat(folder.c_str(), &info) != 0 ||
      (info.st_uid != ::geteuid() && ::geteuid() != 0)) {
    return {};
  }
  auto text = read_all(fd->get(), kMaxCommandLine);
  std::vector<std::string> arguments;
  size_t start = 0;
  for (size_t end = 0; text.ok() && (end = text->find('\0', start)) != std::string::npos;
       start = end + 1) {
    arguments.push_back(text->substr(start, end - start));
  }
  return arguments;
}

bool belongs(const std::vector<std::string>& arguments, const Home& home) {
  size_t count = arguments.size();
  return count >= 3 && arguments[count - 2] == "--config" &&
         arguments[count - 1] == home.inner_config().string();
}

// What the kernel runs itself, or what has ended, has none.
bool has_program(pid_t pid) {
  char byte = 0;
  return ::readlink(("/proc/" + std::to_string(pid) + "/exe").c_str(), &byte, 1) > 0;
}

// Who starts it has it further behind.
bool is_daemon(const std::vector<std::string>& arguments) {
  return !arguments.empty() && arguments[0] == kInnerDaemon;
}

std::string user_namespace(const std::string& proc) {
  std::array<char, 64> name{};
  const ssize_t size = ::readlink((proc + "/ns/user").c_str(), name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<size_t>(size)) : "";
}

// One process, held by a descriptor: its pid cannot mean another one any more.
struct Member {
  UniqueFd pidfd;
  bool daemon;
};

std::vector<Member> hold_family(const Site& site) {
  std::vector<Member> members;
  for (pid_t pid : family_of(site.home)) {
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U)));
    auto arguments = arguments_of(pid);  // again: between the two the pid may have been reused
    if (pidfd.valid() && belongs(arguments, site.home)) {
      members.push_back({std::move(pidfd), is_daemon(arguments)});
    }
  }
  return members;
}

void send(const Member& member, int number) {
  ::syscall(SYS_pidfd_send_signal, member.pidfd.get(), number, nullptr, 0U);
}

bool wait_for_all(const std::vector<Member>& members, int64_t wait_ms) {
  int64_t deadline = system_clock().monotonic_ns() + wait_ms * kNsPerMs;
  return std::ranges::all_of(members, [deadline](const Member& member) {
    pollfd ended{member.pidfd.get(), POLLIN, 0};
    int64_t left = (deadline - system_clock().monotonic_ns()) / kNsPerMs;
    return ::poll(&ended, 1, static_cast<int>(std::max<int64_t>(left, 0))) > 0;
  });
}

// Bundles are named after their containers. Their mounts have gone with the jail.
void remove_bundles(const Site& site) {
  std::error_code error;
  for (const auto& snapshotter : std::filesystem::directory_iterator(site.home.root(), error)) {
    auto executor = snapshotter.path() / "executor";
    if (snapshotter.is_symlink(error) || std::filesystem::is_symlink(executor, error)) {
      continue;  // whoever broke out of a step may have made it
    }
    for (const auto& bundle : std::filesystem::directory_iterator(executor, error)) {
      std::string id = bundle.path().filename();
      if (bundle.is_directory(error) && std::ranges::all_of(id, ::isalnum)) {
        std::filesystem::remove_all(bundle.path(), error);
      }
    }
  }
}

}  // namespace

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    const auto pid = static_cast<pid_t>(whole_number(name).value_or(0));
    if (pid > 0) {
      pids.push_back(pid);
    }
  }
  return pids;
}

// Between two programs (execve(2)) a process has no arguments for a moment. One that is missed
// would live on beside the next daemon, on the same state.
std::vector<pid_t> family_of(const Home& home) {
  std::vector<pid_t> family;
  std::vector<pid_t> left = all_processes();
  for (int turn = 0; turn < kSettleTurns && !left.empty(); ++turn) {
    ::usleep(turn == 0 ? 0 : kSettleUs);
    std::erase_if(left, [&](pid_t pid) {
      const auto arguments = arguments_of(pid);
      if (belongs(arguments, home)) {
        family.push_back(pid);
      }
      return !arguments.empty() || !has_program(pid);
    });
  }
  return family;
}

std::vector<pid_t> daemons_of(const Home& home) {
  std::vector<pid_t> daemons = family_of(home);
  std::erase_if(daemons, [](pid_t pid) { return !is_daemon(arguments_of(pid)); });
  return daemons;
}

pid_t inmate_of(pid_t jail) {
  std::string pid = std::to_string(jail);
  auto fd = open_file("/proc/" + pid + "/task/" + pid + "/children", O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxCommandLine) : Result<std::string>(fd.status());
  std::istringstream children(text.ok() ? *text : "");
  for (pid_t child = 0; children >> child;) {
    const std::string space = user_namespace("/proc/" + std::to_string(child));
    const std::string stage = user_namespace("/proc/" + pid);  // whose programs are children, too
    if (!space.empty() && space != user_namespace("/proc/self") && !stage.empty() &&
        space != stage) {
      return child;
    }
  }
  return 0;
}

Status end_family(const Site& site, int64_t grace_ms) {
  std::vector<Member> members = hold_family(site);
  for (const Member& member : members) {
    if (member.daemon) {
      send(member, SIGTERM);
    }
    send(member, SIGCONT);  // one that was stopped would not hear of it
  }
  if (wait_for_all(members, grace_ms)) {
    return {};
  }
  for (const Member& member : members) {
    send(member, SIGKILL);
  }
  if (wait_for_all(members, kLastMs)) {
    return {};
  }
  return {Code::kDeadlineExceeded, "a daemon on " + site.home.state.string() + " does not end"};
}

void sweep(const Site& site) {
  ::unlink(site.home.socket.c_str());
  remove_bundles(site);
  std::error_code error;
  std::filesystem::remove_all(site.home.scratch(), error);
  std::filesystem::remove_all(site.home.uplink(), error);
  ::unlink(site.home.door().c_str());
}

}  // namespace ktl::builder
