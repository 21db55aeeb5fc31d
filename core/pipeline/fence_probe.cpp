#include "core/pipeline/fence_probe.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>

#include "base/fd.h"
#include "base/number.h"

namespace ktl {
namespace {

constexpr size_t kMaxFile = 1U << 20U;
constexpr size_t kMaxPaths = 40;
constexpr int kMaxDepth = 8;

std::string proc(pid_t pid, const std::string& name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::string text_at(const std::string& path) {
  auto text = read_file(path, kMaxFile);
  return text.ok() ? *std::move(text) : std::string();
}

bool same_file(const std::string& one, const std::string& other) {
  struct stat a{};
  struct stat b{};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::istringstream list(text_at(proc(pid, "task/" + std::to_string(pid) + "/children")));
  for (pid_t child = 0; list >> child;) {
    children.push_back(child);
  }
  return children;
}

pid_t find_below(pid_t pid, int depth) {
  if (same_file(proc(pid, "exe"), "/proc/self/exe")) {
    return pid;
  }
  pid_t found = 0;
  const std::vector<pid_t> children = depth > 0 ? children_of(pid) : std::vector<pid_t>();
  for (size_t i = 0; i < children.size() && found == 0; ++i) {
    found = find_below(children[i], depth - 1);
  }
  return found;
}

// The value after "NAME:\t" in a status file.
std::string field_of_status(const std::string& status, const std::string& name) {
  const size_t at = status.find("\n" + name + ":");
  if (at == std::string::npos) {
    return {};
  }
  const size_t begin = status.find_first_not_of(" \t", at + name.size() + 2);
  return status.substr(begin, status.find('\n', begin) - begin);
}

IsolationLine line(std::string control, std::string value) {
  const bool known = !value.empty();
  return {std::move(control), known ? std::move(value) : "unknown", known ? "probed" : "unknown"};
}

std::string link_at(const std::string& path) {
  std::array<char, 64> text{};
  const ssize_t size = ::readlink(path.c_str(), text.data(), text.size());
  return size <= 0 ? std::string() : std::string(text.data(), static_cast<size_t>(size));
}

// "own", "host", or empty when nobody may know.
std::string namespace_of(pid_t pid, const std::string& name) {
  const std::string theirs = link_at(proc(pid, "ns/" + name));
  const std::string ours = link_at("/proc/self/ns/" + name);
  return theirs.empty() || ours.empty() ? "" : theirs == ours ? "host" : "own";
}

// Interfaces but the loopback one.
bool has_interfaces(pid_t pid) {
  std::istringstream lines(text_at(proc(pid, "net/dev")));
  std::string text;
  int others = 0;
  for (int number = 0; std::getline(lines, text); ++number) {
    const size_t begin = text.find_first_not_of(' ');
    others += number >= 2 && begin != std::string::npos && !text.substr(begin).starts_with("lo:");
  }
  return others > 0;
}

std::string network_of(pid_t pid) {
  const std::string space = namespace_of(pid, "net");
  return space != "own" ? space : has_interfaces(pid) ? "own" : "none";
}

std::string capabilities_of(const std::string& status) {
  const std::string bits = field_of_status(status, "CapEff");
  return bits.find_first_not_of('0') == std::string::npos && !bits.empty() ? "none" : bits;
}

// "inside 0 is outside 1000", of the first range.
std::string map_of(pid_t pid) {
  std::istringstream text(text_at(proc(pid, "uid_map")));
  uint64_t inside = 0;
  uint64_t outside = 0;
  return text >> inside >> outside
             ? "inside " + std::to_string(inside) + " is outside " + std::to_string(outside)
             : "";
}

struct Mount {
  std::string root;
  std::string point;
  std::string options;
  std::string type;
};

std::vector<Mount> mounts_of(pid_t pid) {
  std::vector<Mount> mounts;
  std::istringstream lines(text_at(proc(pid, "mountinfo")));
  for (std::string text; std::getline(lines, text);) {
    std::istringstream words(text);
    Mount mount;
    std::string skipped;
    words >> skipped >> skipped >> skipped >> mount.root >> mount.point >> mount.options;
    while (words >> skipped && skipped != "-") {
    }
    words >> mount.type;
    // What is mounted later at the same place hides what was there.
    std::erase_if(mounts, [&](const Mount& each) { return each.point == mount.point; });
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

// Beneath the root that process has; -1 when it is not there.
int open_inside(pid_t pid, const std::string& path) {
  const UniqueFd root(::open(proc(pid, "root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  return static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how));
}

// Whether what is seen inside at `point` is a file system of this kind and can be written. A point
// whose name the kernel writes with escapes is taken at the table's word.
bool is_writable(pid_t pid, const Mount& mount, const std::string& below, long magic) {
  if (mount.point.find('\\') != std::string::npos) {
    return mount.options.starts_with("rw");
  }
  const UniqueFd there(open_inside(pid, mount.point + below));
  struct statfs about{};
  return there.valid() && ::fstatfs(there.get(), &about) == 0 && about.f_type == magic &&
         (about.f_flags & ST_RDONLY) == 0;
}

// Through a /proc or /sys that can be written, root's user turns the kernel's knobs: core_pattern
// is a program that this machine runs. No capability is asked for.
std::string kernel_settings_of(pid_t pid) {
  bool seen = false;
  bool writable = false;
  for (const Mount& mount : mounts_of(pid)) {
    const bool proc = mount.type == "proc";
    if (proc || mount.type == "sysfs") {
      const long magic = proc ? PROC_SUPER_MAGIC : SYSFS_MAGIC;
      seen = true;
      writable = writable || is_writable(pid, mount, "", magic) ||
                 (proc && is_writable(pid, mount, "/sys", magic));
    }
  }
  return writable ? "writable" : seen ? "read-only" : "hidden";
}

// What the fence itself made shows nothing of this machine.
bool is_of_machine(const Mount& mount) {
  constexpr std::array<std::string_view, 6> kMade = {"tmpfs",  "proc",  "mqueue",
                                                     "devpts", "ramfs", "nsfs"};
  return mount.root != "/" || std::ranges::find(kMade, mount.type) == kMade.end();
}

bool is_socket_of_runtime(const std::string& path) {
  constexpr std::array<std::string_view, 5> kSockets = {
      "docker.sock", "containerd.sock", "podman.sock", "crio.sock", "buildkitd.sock"};
  return std::ranges::any_of(kSockets, [&](std::string_view end) { return path.ends_with(end); });
}

void add_paths(pid_t pid, std::vector<IsolationLine>& lines) {
  size_t left_out = 0;
  std::string sockets;
  for (const Mount& mount : mounts_of(pid)) {
    if (!is_of_machine(mount)) {
      continue;
    }
    const bool writable = mount.options.starts_with("rw");
    if (lines.size() < kMaxPaths) {
      lines.push_back(line("path", mount.point.substr(0, 240) + (writable ? " rw" : " ro")));
    } else {
      ++left_out;
    }
    sockets += is_socket_of_runtime(mount.point) ? " " + mount.point : "";
  }
  if (left_out > 0) {
    lines.push_back(line("paths_left_out", std::to_string(left_out)));
  }
  lines.push_back(
      line("root_equivalent_sockets", sockets.empty() ? "none" : sockets.substr(1, 250)));
}

}  // namespace

Result<pid_t> fenced_process(pid_t top) {
  const pid_t found = find_below(top, kMaxDepth);
  return found != 0 ? Result<pid_t>(found)
                    : Status(Code::kNotFound, "no process of ktl runs behind the fence");
}

std::vector<IsolationLine> look_at_process(pid_t pid) {
  const std::string status = text_at(proc(pid, "status"));
  std::vector<IsolationLine> lines;
  for (const char* name : {"user", "mnt", "pid", "ipc", "uts", "cgroup"}) {
    lines.push_back(line("namespace." + std::string(name), namespace_of(pid, name)));
  }
  lines.push_back(line("network", network_of(pid)));
  lines.push_back(line("uid_map", map_of(pid)));
  lines.push_back(line("capabilities", capabilities_of(status)));
  lines.push_back(line("no_new_privs", field_of_status(status, "NoNewPrivs")));
  lines.push_back(line("seccomp", field_of_status(status, "Seccomp")));
  lines.push_back(line("kernel-settings", kernel_settings_of(pid)));
  lines.push_back(line("rootless", ::geteuid() == 0 ? "no" : "yes"));
  add_paths(pid, lines);
  return lines;
}

std::string look_at_path(pid_t pid, const std::string& path) {
  const UniqueFd inside(open_inside(pid, path));
  struct stat there{};
  struct stat here{};
  if (!inside.valid() || ::fstat(inside.get(), &there) != 0) {
    return "hidden";
  }
  const bool same = ::stat(path.c_str(), &here) == 0 && here.st_dev == there.st_dev &&
                    here.st_ino == there.st_ino;
  return same ? "visible, the same as outside" : "visible, but not what is outside";
}

}  // namespace ktl
