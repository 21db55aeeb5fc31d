#include "builder/survey.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/fd.h"
#include "base/process.h"
#include "builder/instance.h"
#include "builder/netns.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 4U << 20U;
constexpr uint64_t kLeastFree = 64U << 20U;

Probe failed(std::string id, const Status& status) {
  return {std::move(id), "FAIL", status.message(), status.next()};
}

std::string file_text(const std::string& path) {
  auto fd = open_file(path, O_RDONLY);
  auto text = fd.ok() ? read_all(fd->get(), kMaxFile) : Result<std::string>(fd.status());
  return text.ok() ? *text : "";
}

// Whether there is a whole slot; which one a zone gets is decided when it first builds.
Probe probe_sub_ids(const std::string& file, bool root) {
  const std::string id = "builder.jail." + std::filesystem::path(file).filename().string();
  const std::vector<std::string> names = sub_id_names(root);
  uint64_t slots = 0;
  for (const IdRange& range : ranges_in(file_text(file), names)) {
    slots += range.count / kSlotIds;
  }
  if (slots > 0) {
    return {id, "PASS", fmt::format("{} has ids for {} trust zones", file, slots), ""};
  }
  return {id, "FAIL", fmt::format("{} has no {} sub-ids for {}", file, kSlotIds, names.front()),
          sub_id_advice(root)};
}

// newuidmap and newgidmap write the maps that only root may; setuid or with a file capability.
Probe probe_id_mapper(const std::string& name) {
  auto found = find_program(name);
  if (found.ok()) {
    return {"builder.jail." + name, "PASS", *found, ""};
  }
  return {"builder.jail." + name, "FAIL", found.status().message(), "install the package uidmap"};
}

Probe probe_nsjail(const Result<Programs>& programs) {
  if (!programs.ok()) {
    return {"builder.jail.nsjail", "SKIP", "see builder.programs", ""};
  }
  // It tells no version; the folder that scripts/install-nsjail makes is named after one.
  const std::filesystem::path real(programs->jail);
  return {"builder.jail.nsjail", "PASS", real.string(), ""};
}

// The profile "internet" goes through it.
Probe probe_uplink(const Result<Programs>& programs, const std::string& network) {
  const std::string id = "builder.jail.uplink";
  if (network != "internet") {
    return {id, "SKIP", "network " + network + " needs no slirp4netns", ""};
  }
  if (programs.ok() && !programs->uplink.empty()) {
    return {id, "PASS", programs->uplink, ""};
  }
  return {id, "FAIL", "slirp4netns is not installed, so RUN steps have no way to the internet",
          "install the package slirp4netns, or build with --network none"};
}

// Its device; udev lets everybody open it, a machine without udev only root.
Probe probe_tap(const std::string& network) {
  const std::string id = "builder.jail.tun";
  if (network != "internet") {
    return {id, "SKIP", "network " + network + " needs no " + kTun, ""};
  }
  const UniqueFd fd(::open(kTun, O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (fd.valid()) {
    return {id, "PASS", std::string(kTun) + " may be opened", ""};
  }
  return {id, "FAIL", errno_status(std::string("open ") + kTun, errno).message(), tun_advice()};
}

Probe probe_cgroups() {
  struct statfs info{};
  const bool unified = ::statfs("/sys/fs/cgroup", &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
  return {"builder.jail.cgroup", "PASS",
          unified ? "cgroup version 2" : "cgroup version 1: steps get no limits of their own", ""};
}

// The ways in which kernels and distributions forbid user namespaces are many; trying is one.
Probe probe_user_namespace() {
  pid_t child = ::fork();
  if (child == 0) {
    ::_exit(::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) == 0 ? 0 : 1);
  }
  int state = 1;
  if (child > 0) {
    ::waitpid(child, &state, 0);
  }
  if (state == 0) {
    return {"builder.jail.userns", "PASS", "this user may make user namespaces", ""};
  }
  return {"builder.jail.userns", "FAIL", "the kernel lets this user make no user namespaces",
          "as root, what of these there is: sysctl user.max_user_namespaces=28633 "
          "kernel.unprivileged_userns_clone=1 kernel.apparmor_restrict_unprivileged_userns=0"};
}

// A new /proc can only be mounted where the one that is there hides nothing (mount_namespaces(7));
// containers often hide parts of theirs.
Probe probe_proc() {
  std::istringstream lines(file_text("/proc/self/mountinfo"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point;
    fields >> id >> parent >> device >> root >> point;
    if (point.starts_with("/proc/") && !point.starts_with("/proc/sys/fs/binfmt_misc")) {
      return {"builder.jail.proc", "FAIL", point + " is mounted over a part of /proc",
              "in a container: run it with --security-opt systempaths=unconfined"};
    }
  }
  return {"builder.jail.proc", "PASS", "nothing hides a part of /proc", ""};
}

Probe probe_capability() {
  std::istringstream lines(file_text("/proc/self/status"));
  uint64_t effective = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("CapEff:")) {
      effective = std::stoull(line.substr(7), nullptr, 16);
    }
  }
  bool admin = (effective >> CAP_SYS_ADMIN & 1U) != 0;
  return {"builder.root.capabilities", admin ? "PASS" : "FAIL",
          admin ? "root may mount and make namespaces" : "root lacks CAP_SYS_ADMIN here",
          admin ? "" : "in a container: run it with --privileged, or name another builder"};
}

Probe probe_room(const std::filesystem::path& folder) {
  struct statvfs disk{};
  if (::statvfs(folder.c_str(), &disk) != 0) {
    return failed("builder.disk", errno_status("look at " + folder.string(), errno));
  }
  uint64_t free = disk.f_bavail * disk.f_frsize;
  std::string evidence = fmt::format("{} MB are free for {}", free >> 20U, folder.string());
  return free >= kLeastFree ? Probe{"builder.disk", "PASS", evidence, ""}
                            : Probe{"builder.disk", "FAIL", evidence,
                                    "free some space, or choose another place with XDG_STATE_HOME"};
}

Probe probe_socket(const Result<Home>& home) {
  if (!home.ok()) {
    return failed("builder.socket", home.status());
  }
  bool up = answers(home->socket.string());
  return {
      "builder.socket", "PASS",
      up ? "running at unix://" + home->socket.string() : "not running; starts with the next build",
      ""};
}

// Not needed where the private builder runs, so its absence is no failure.
Probe probe_docker(const Getenv& getenv) {
  std::string socket = docker_socket(getenv);
  return answers(socket) ? Probe{"builder.docker", "PASS",
                                 "docker answers at " + socket +
                                     "; its BuildKit is used where the private builder cannot run",
                                 ""}
                         : Probe{"builder.docker", "SKIP", "no docker answers at " + socket, ""};
}

}  // namespace

std::string docker_socket(const Getenv& getenv) {
  constexpr std::string_view kUnix = "unix://";
  std::string host = getenv("DOCKER_HOST");
  return host.starts_with(kUnix) ? host.substr(kUnix.size()) : "/var/run/docker.sock";
}

std::vector<Probe> survey_private(const BuilderRequest& request) {
  std::vector<Probe> probes;
  auto programs = find_programs(request.ktl, request.getenv);
  probes.push_back(programs.ok() ? Probe{"builder.programs", "PASS",
                                         programs->buildkitd + ", " + programs->runtime, ""}
                                 : failed("builder.programs", programs.status()));
  if (request.root) {
    probes.push_back(probe_capability());
  } else {
    probes.push_back(probe_id_mapper("newuidmap"));
    probes.push_back(probe_id_mapper("newgidmap"));
  }
  probes.push_back(probe_nsjail(programs));
  probes.push_back(probe_sub_ids("/etc/subuid", request.root));
  probes.push_back(probe_sub_ids("/etc/subgid", request.root));
  probes.push_back(probe_user_namespace());
  probes.push_back(probe_proc());
  probes.push_back(probe_uplink(programs, request.settings.network));
  probes.push_back(probe_tap(request.settings.network));
  probes.push_back(probe_cgroups());
  probes.push_back(probe_room(request.state));
  probes.push_back(
      probe_socket(home_for(request.settings, request.root, request.state, request.runtime)));
  return probes;
}

Status check_private(const BuilderRequest& request) {
  std::string reasons;
  std::string fixes;
  for (const Probe& probe : survey_private(request)) {
    if (probe.status == "FAIL") {
      reasons += (reasons.empty() ? "" : "; ") + probe.evidence;
      fixes += (fixes.empty() ? "" : "\n") + probe.fix;
    }
  }
  if (reasons.empty()) {
    return {};
  }
  return Status(Code::kUnavailable, "the private builder cannot run here: " + reasons)
      .advise(fixes);
}

std::vector<Probe> probe_builder(const BuilderRequest& request) {
  auto address = parse_address(request.address, request.getenv);
  if (!address.ok()) {
    return {failed("builder.address", address.status())};
  }
  if (address->kind == Address::Kind::kPrivate) {
    std::vector<Probe> probes = survey_private(request);
    probes.push_back(probe_docker(request.getenv));
    return probes;
  }
  return {};
}

}  // namespace ktl::builder
