#include "builder/family.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/fd.h"
#include "base/number.h"
#include "base/process.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxCommandLine = 1U << 20U;
constexpr int64_t kLastMs = 5'000;
constexpr int64_t kNsPerMs = 1'000'000;

// The arguments of a process; none when it has ended or belongs to somebody else.
std::vector<std::string> arguments_of(pid_t pid) {
  std::string folder = "/proc/" + std::to_string(pid);
  struct stat info{};
  auto fd = open_file(folder + "/cmdline", O_RDONLY);
  if (!fd.ok() || ::stat(folder.c_str(), &info) != 0 || info.st_uid != ::geteuid()) {
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
         arguments[count - 1] == home.config().string();
}

bool is_daemon(const std::vector<std::string>& arguments, const Site& site) {
  return belongs(arguments, site.home) && arguments[0] == site.programs.buildkitd;
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
      members.push_back({std::move(pidfd), is_daemon(arguments, site)});
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

// Bundles are named after their containers. What the runtime keeps of them is in /run for root, in
// the scratch folder for others.
void remove_containers(const Site& site) {
  std::error_code error;
  for (const auto& snapshotter : std::filesystem::directory_iterator(site.home.root(), error)) {
    auto executor = snapshotter.path() / "executor";
    for (const auto& bundle : std::filesystem::directory_iterator(executor, error)) {
      std::string id = bundle.path().filename();
      if (!bundle.is_directory(error) || !std::ranges::all_of(id, ::isalnum)) {
        continue;
      }
      if (!site.programs.rootless()) {
        Command remove;
        remove.argv = {site.programs.runtime, "delete", "--force", id};
        static_cast<void>(system_processes().run(remove));
      }
      std::filesystem::remove_all(bundle.path(), error);
    }
  }
}

// Only empty cgroups can be removed, so nobody is hurt.
void remove_cgroup(const std::filesystem::path& cgroup) {
  std::error_code error;
  for (const auto& below : std::filesystem::directory_iterator(cgroup, error)) {
    if (below.is_directory(error) && !below.is_symlink(error)) {
      remove_cgroup(below.path());
    }
  }
  ::rmdir(cgroup.c_str());
}

void remove_cgroups(const Home& home) {
  const std::filesystem::path top = "/sys/fs/cgroup";
  std::string name = "ktl-" + home.key;
  remove_cgroup(top / name);
  std::error_code error;
  for (const auto& controller : std::filesystem::directory_iterator(top, error)) {
    remove_cgroup(controller.path() / name);
  }
}

}  // namespace

std::vector<pid_t> family_of(const Home& home) {
  std::vector<pid_t> family;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    std::string name = entry.path().filename();
    const auto pid = static_cast<pid_t>(whole_number(name).value_or(0));
    if (pid > 0 && belongs(arguments_of(pid), home)) {
      family.push_back(pid);
    }
  }
  return family;
}

pid_t daemon_of(const Site& site) {
  for (pid_t pid : family_of(site.home)) {
    if (is_daemon(arguments_of(pid), site)) {
      return pid;
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
  ::unlink(site.home.trace_socket().c_str());
  remove_containers(site);
  if (!site.programs.rootless()) {
    remove_cgroups(site.home);
  }
  std::error_code error;
  std::filesystem::remove_all(site.home.scratch(), error);
}

}  // namespace ktl::builder
