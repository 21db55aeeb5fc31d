#include "builder/fence.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <sstream>

#include "base/fd.h"
#include "builder/jail.h"
#include "builder/network.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 1U << 20U;
constexpr size_t kMaxValue = 255;  // of the schema
constexpr const char* kProbed = "probed";
constexpr const char* kDeclared = "declared";
constexpr const char* kUnknown = "unknown";
constexpr std::array<const char*, 6> kNamespaces = {"user", "pid", "mnt", "ipc", "uts", "cgroup"};
// What runc gives to every container, so that the daemon must have it.
const std::set<std::string> kDevices = {"full", "null", "pts", "random", "tty", "urandom", "zero"};

// Files below /proc have no size, and a hostile daemon decides about some of them.
std::string text_at(const std::string& path) {
  auto fd = open_file(path, O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxFile) : Result<std::string>(fd.status());
  return text.ok() ? *text : "";
}

std::string link_at(const std::string& path) {
  std::array<char, 128> name{};
  ssize_t size = ::readlink(path.c_str(), name.data(), name.size());
  return size > 0 ? std::string(name.data(), static_cast<size_t>(size)) : "";
}

FenceLine probed(std::string control, const std::string& value) {
  return value.empty() ? FenceLine{std::move(control), kUnknown, kUnknown}
                       : FenceLine{std::move(control), value.substr(0, kMaxValue), kProbed};
}

// "own", "shared", or nothing when it cannot be seen.
std::string whose(const std::string& proc, const std::string& name) {
  const std::string theirs = link_at(proc + "/ns/" + name);
  const std::string ours = link_at("/proc/self/ns/" + name);
  return theirs.empty() || ours.empty() ? "" : theirs == ours ? "shared" : "own";
}

// "0:1879048192+65536 ..." from "inside outside count" lines.
std::string user_map(const std::string& proc) {
  std::istringstream lines(text_at(proc + "/uid_map"));
  std::vector<std::string> ranges;
  uint64_t inside = 0, outside = 0, count = 0;
  while (ranges.size() < 8 && lines >> inside >> outside >> count) {
    ranges.push_back(fmt::format("{}:{}+{}", inside, outside, count));
  }
  return fmt::format("{}", fmt::join(ranges, " "));
}

// Whether this machine's root is a user in there.
std::string rootless(const std::string& proc) {
  std::istringstream lines(text_at(proc + "/uid_map"));
  uint64_t inside = 0, outside = 0, count = 0;
  bool any = false, root = false;
  while (lines >> inside >> outside >> count) {
    any = true;
    root = root || outside == 0;
  }
  return !any ? "" : root ? "false" : "true";
}

// The interfaces of its network namespace: two lines of heading, then "name: numbers".
std::string interfaces(const std::string& proc) {
  std::istringstream lines(text_at(proc + "/net/dev"));
  std::set<std::string> names;
  for (std::string line; std::getline(lines, line);) {
    size_t colon = line.find(':');
    if (colon != std::string::npos) {
      names.insert(line.substr(line.find_first_not_of(' '), colon - line.find_first_not_of(' ')));
    }
  }
  return fmt::format("{}", fmt::join(names, ","));
}

std::string devices(const std::string& proc) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(proc + "/root/dev", error)) {
    names.insert(entry.path().filename());
  }
  return error ? "" : fmt::format("{}", fmt::join(names, ","));
}

// The mount points that show something of a disk, and which of them can be written.
std::string host_paths(const std::string& proc, bool writable) {
  std::istringstream lines(text_at(proc + "/mountinfo"));
  std::set<std::string> points;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point, options;
    fields >> id >> parent >> device >> root >> point >> options;
    const bool bind = root != "/" && !point.starts_with("/dev/") && !point.starts_with("/proc");
    const bool snapshot = point.starts_with("/var/lib/buildkit/");
    if (bind && !snapshot && options.starts_with("rw") == writable) {
      points.insert(point);
    }
  }
  return points.empty() ? "none" : fmt::format("{}", fmt::join(points, ","));
}

// Whether what the daemon sees at `point` is a file system of this kind that can be written;
// nothing when it cannot be seen. No link of the jail's leads out of it.
std::optional<bool> is_writable(const std::string& proc, const char* point, long magic) {
  const UniqueFd root(::open((proc + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT;
  const UniqueFd there(
      static_cast<int>(::syscall(SYS_openat2, root.get(), point, &how, sizeof how)));
  struct statfs about{};
  if (!there.valid() || ::fstatfs(there.get(), &about) != 0) {
    return std::nullopt;
  }
  return about.f_type == magic && (about.f_flags & ST_RDONLY) == 0;
}

// Of /proc itself the daemon needs much; its root is none of this machine's.
std::string kernel_settings(const std::string& proc) {
  const auto settings = is_writable(proc, "proc/sys", PROC_SUPER_MAGIC);
  const auto devices = is_writable(proc, "sys", SYSFS_MAGIC);
  return !settings || !devices ? "" : *settings || *devices ? "writable" : "read-only";
}

std::string runtime_of(const std::string& proc) {
  // "Name:\tnsjail" of the process outside that has started it.
  std::istringstream status(text_at(proc + "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) {
      std::string name = text_at("/proc/" + line.substr(line.find_last_of(" \t") + 1) + "/comm");
      return name.substr(0, name.find('\n'));
    }
  }
  return "";
}

// Where the daemon's own fetches can go. Seen, where there is no interface but "lo": whatever
// leaves such a namespace goes through the sockets that ktl listens at, the gate and the forwarders
// to registries of this machine that somebody named.
FenceLine daemon_network(const std::string& kind, const std::string& network,
                         const std::string& net, const std::string& devices) {
  constexpr const char* kControl = "daemon.network";
  if (net == "shared") {
    return probed(kControl, "host");
  }
  const bool alone = net == "own" && devices == "lo";
  if (kind == "allow") {
    const std::string hosts = network.substr(network.find(':') + 1);
    return probed(kControl, alone ? "gate:" + hosts : "");
  }
  if (kind == "none") {
    return probed(kControl, alone ? kind : "");
  }
  return probed(kControl, net == "own" && kind == "internet" ? kind : "");
}

const FenceLine* line_of(const std::vector<FenceLine>& lines, std::string_view control) {
  auto found = std::ranges::find(lines, control, &FenceLine::control);
  return found == lines.end() ? nullptr : &*found;
}

bool says(const std::vector<FenceLine>& lines, std::string_view control, std::string_view value) {
  const FenceLine* line = line_of(lines, control);
  return line != nullptr && line->value == value && line->evidence == kProbed;
}

bool only_known_devices(const std::string& list) {
  std::istringstream names(list);
  for (std::string name; std::getline(names, name, ',');) {
    if (!kDevices.contains(name)) {
      return false;
    }
  }
  return !list.empty();
}

}  // namespace

std::vector<FenceLine> look_at_fence(const Home& home, const std::string& network, pid_t daemon) {
  const std::string proc = "/proc/" + std::to_string(daemon);
  auto profile = parse_network(network);
  const std::string kind = profile.ok() ? profile->kind : "";
  std::vector<FenceLine> lines = {
      probed("runtime", runtime_of(proc)),
      probed("rootless", rootless(proc)),
      probed("user-map", user_map(proc)),
  };
  for (const char* name : kNamespaces) {
    lines.push_back(probed(std::string("namespace.") + name, whose(proc, name)));
  }
  const std::string net = whose(proc, "net");
  const bool as_named = net == (kind == "host" ? "shared" : "own");
  lines.push_back(probed("namespace.net", net));
  lines.push_back(as_named ? FenceLine{"network", network.substr(0, kMaxValue), kProbed}
                           : FenceLine{"network", net == "shared" ? "host" : kUnknown,
                                       net.empty() ? kUnknown : kProbed});
  const std::string devices_of_net = interfaces(proc);
  lines.push_back(daemon_network(kind, network, net, devices_of_net));
  lines.push_back(probed("interfaces", kind == "host" ? "the host's" : devices_of_net));
  lines.push_back(probed("devices", devices(proc)));
  lines.push_back(probed("host-paths.read", host_paths(proc, false)));
  lines.push_back(probed("host-paths.write", host_paths(proc, true)));
  lines.push_back(probed("kernel-settings", kernel_settings(proc)));
  lines.push_back({"entitlements", kind == "host" ? "network.host" : "none", kDeclared});
  lines.push_back({"cache-scope", home.state.filename().string(), kDeclared});
  lines.push_back({"policy", fence_digest().substr(0, 16), kDeclared});
  lines.insert(lines.begin(), is_fence(lines) ? FenceLine{"fence", "ktl-builder", kProbed}
                                              : FenceLine{"fence", "none", kProbed});
  return lines;
}

bool is_fence(const std::vector<FenceLine>& lines) {
  const FenceLine* found = line_of(lines, "devices");
  return std::ranges::all_of(kNamespaces,
                             [&](const char* name) {
                               return says(lines, std::string("namespace.") + name, "own");
                             }) &&
         says(lines, "rootless", "true") && says(lines, "kernel-settings", "read-only") &&
         found != nullptr && found->evidence == kProbed && only_known_devices(found->value);
}

}  // namespace ktl::builder
