#include "cli/commands/sandbox_probes.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <sstream>

#include "base/fd.h"
#include "core/document/fields.h"

namespace ktl::cli {
namespace {

namespace fs = std::filesystem;
constexpr size_t kMaxEntries = 10'000;
constexpr std::array<const char*, 7> kNamespaces = {"user", "mnt", "pid",   "ipc",
                                                    "uts",  "net", "cgroup"};

SandboxProbe judged(std::string id, bool passed, std::string evidence, std::string fix) {
  return {std::move(id), passed ? "PASS" : "FAIL", std::move(evidence),
          passed ? "" : std::move(fix)};
}

SandboxProbe skipped(std::string id, std::string evidence) {
  return {std::move(id), "SKIP", std::move(evidence), ""};
}

// What the policy asks for, as the plugin understood it.
std::string asked(const SandboxSight& sight, std::string_view control) {
  for (const json::value& line : array_of(sight.made, "lines")) {
    if (text_of(line, "control") == control) {
      return std::string(text_of(line, "value"));
    }
  }
  return {};
}

std::string status_field(const SandboxSight& sight, const std::string& name) {
  std::istringstream lines(std::string(text_of(sight.inside, "status")));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name + ":")) {
      const size_t begin = line.find_first_not_of(" \t", name.size() + 1);
      return begin == std::string::npos ? "" : line.substr(begin);
    }
  }
  return {};
}

std::string space_of(const json::object& sight, const std::string& name) {
  const json::object spaces = object_of(sight, "namespaces");
  return std::string(text_of(spaces, name));
}

// A namespace that the policy does not ask for is no fault; one that it asks for and that is the
// machine's is.
SandboxProbe probe_namespace(const SandboxSight& sight, const std::string& name) {
  const std::string inside = space_of(sight.inside, name);
  const std::string outside = space_of(sight.outside, name);
  const bool own = !inside.empty() && inside != outside;
  const std::string id = "namespace." + name;
  if (own) {
    return judged(id, true, inside + " inside, " + outside + " outside", "");
  }
  const bool wanted = name == "mnt" || asked(sight, id) == "own" ||
                      (name == "net" && asked(sight, "network") == "none");
  return wanted ? judged(id, false, "the machine's own " + inside,
                         "the kernel or the runtime ignored it: see --sandbox-logs")
                : skipped(id, "the policy leaves it as it is");
}

std::vector<SandboxProbe> probe_context(const SandboxSight& sight) {
  const json::object inside = object_of(sight.inside, "context");
  const json::object outside = object_of(sight.outside, "context");
  const bool same = bool_of(inside, "seen") &&
                    int_of(inside, "inode", -1) == int_of(outside, "inode", -2) &&
                    int_of(inside, "device", -1) == int_of(outside, "device", -2);
  const bool composed = bool_of(inside, "seen") && !same;
  const std::string where(text_of(sight.fence, "workdir"));
  const std::string written(text_of(sight.inside, "context_write"));
  return {judged("context", same || composed,
                 same ? where + " is " + std::string(text_of(sight.fence, "context"))
                      : where + " is put together from the context and what is bound into it",
                 "the policy hides " + where + ": take its mount there away"),
          judged("context.readonly", written != "ok", "a file at " + where + ": " + written,
                 "bind the context read-only")};
}

std::vector<SandboxProbe> probe_tmp(const SandboxSight& sight) {
  const json::object flags = object_of(sight.inside, "tmp_flags");
  const std::string executed(text_of(sight.inside, "tmp_execute"));
  std::vector<SandboxProbe> probes = {
      judged("tmpfs", text_of(sight.inside, "tmp_write") == "ok",
             "a file in /tmp: " + std::string(text_of(sight.inside, "tmp_write")),
             "mount a tmpfs at /tmp with rw: true")};
  probes.push_back(bool_of(flags, "noexec")
                       ? judged("noexec", executed == "refused", "a program in /tmp: " + executed,
                                "the mount says noexec and does not hold")
                       : skipped("noexec", "the policy lets programs in /tmp run"));
  probes.push_back(bool_of(flags, "nosuid")
                       ? judged("nosuid", true, "/tmp is mounted nosuid", "")
                       : skipped("nosuid", "the policy leaves /tmp without it"));
  return probes;
}

SandboxProbe probe_proc(const SandboxSight& sight) {
  const json::array inside = array_of(sight.inside, "processes");
  const bool sees_us = std::ranges::any_of(inside, [](const json::value& number) {
    return number.is_int64() && number.get_int64() == ::getpid();
  });
  const bool own = space_of(sight.inside, "pid") != space_of(sight.outside, "pid");
  if (!own) {
    return skipped("proc", "the policy shares the machine's processes");
  }
  return judged("proc", !inside.empty() && (!sees_us || inside.size() < 4),
                std::to_string(inside.size()) + " processes are seen inside",
                "mount a fresh proc at /proc");
}

SandboxProbe probe_network(const SandboxSight& sight) {
  const std::string said(text_of(sight.inside, "connect"));
  const bool cut = text_of(sight.fence, "network") == "none" || asked(sight, "network") == "none";
  return cut ? judged("network", said != "ok",
                      "a connection to a port of this machine's loopback: " + said,
                      "clone_newnet did not take effect: see --sandbox-logs")
             : skipped("network", "the policy leaves the network as it is");
}

std::vector<SandboxProbe> probe_paths(const SandboxSight& sight) {
  std::vector<SandboxProbe> probes;
  const json::object inside = object_of(sight.inside, "paths");
  for (const std::string& path : sight.probe_paths) {
    const bool seen = bool_of(object_of(inside, path), "seen");
    probes.push_back(judged("path " + path, true, seen ? "visible inside" : "hidden inside", ""));
  }
  return probes;
}

}  // namespace

json::object namespaces_here() {
  json::object spaces;
  for (const char* name : kNamespaces) {
    std::error_code error;
    spaces[name] = fs::read_symlink(fs::path("/proc/self/ns") / name, error).native();
  }
  return spaces;
}

SandboxProbe probe_policy(const json::object& made, const json::object& fence) {
  const fs::path runtime = std::string(text_of(made, "runtime"));
  const std::string translated =
      bool_of(made, "native")
          ? ""
          : ", translated field by field to the options of " + runtime.filename().native();
  return {"policy", "PASS",
          std::string(text_of(made, "policy")) + " of " + std::string(text_of(fence, "profile")) +
              translated,
          ""};
}

std::vector<SandboxProbe> judge_sight(const SandboxSight& sight) {
  std::vector<SandboxProbe> probes;
  const auto add = [&](std::vector<SandboxProbe> more) {
    std::ranges::move(more, std::back_inserter(probes));
  };
  for (const char* name : kNamespaces) {
    probes.push_back(probe_namespace(sight, name));
  }
  add(probe_context(sight));
  add(probe_tmp(sight));
  probes.push_back(probe_proc(sight));
  probes.push_back(probe_network(sight));
  const std::string capabilities = status_field(sight, "CapEff");
  const bool none = capabilities.find_first_not_of('0') == std::string::npos;
  probes.push_back(judged("capabilities", none && !capabilities.empty(),
                          none ? "none" : "effective: " + capabilities,
                          "write keep_caps: false into the policy"));
  const std::string seccomp = status_field(sight, "Seccomp");
  probes.push_back(seccomp == "2" ? judged("seccomp", true, "a filter is installed", "")
                                  : skipped("seccomp", "the policy installs no filter"));
  add(probe_paths(sight));
  return probes;
}

SandboxProbe probe_links(const std::string& context, const json::object& fence) {
  std::vector<std::string> visible;
  for (const json::value& bind : array_of(fence, "binds")) {
    visible.emplace_back(text_of(bind, "dst"));
  }
  std::string out;
  size_t entries = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(context, error), end; at != end && entries < kMaxEntries;
       at.increment(error), ++entries) {
    const fs::path target =
        at->is_symlink(error) ? fs::read_symlink(at->path(), error) : fs::path();
    const fs::path full =
        target.empty() ? target : (at->path().parent_path() / target).lexically_normal();
    const bool leads_out = !full.empty() && !full.native().starts_with(context + "/") &&
                           std::ranges::any_of(visible, [&](const std::string& path) {
                             return path != context && full.native().starts_with(path);
                           });
    out = leads_out && out.empty() ? at->path().native() + " -> " + target.native() : out;
  }
  return judged("context.links", out.empty(),
                out.empty()
                    ? std::to_string(entries) + " entries, no link leads to anything else inside"
                    : out + " leads out of the context to what is seen inside",
                "take the link out of the context; it is never followed when files are sent");
}

std::vector<SandboxProbe> probe_machine() {
  const auto user = ::getpwuid(::getuid());
  // Root's builders get the ranges of an account of ktl's own (scripts/quickstart).
  const std::string name = ::getuid() == 0   ? "ktl"
                           : user == nullptr ? std::to_string(::getuid())
                                             : user->pw_name;
  auto text = read_file("/etc/subuid", 1U << 20U);
  const bool has = text.ok() && (text->starts_with(name + ":") ||
                                 text->find("\n" + name + ":") != std::string::npos);
  std::error_code error;
  const bool second = fs::exists("/sys/fs/cgroup/cgroup.controllers", error);
  return {
      judged("sub-ids", has,
             has ? "/etc/subuid has a range for " + name : "/etc/subuid has no range for " + name,
             "run scripts/quickstart, or `usermod --add-subuids 100000-165535 " + name + "`"),
      judged("cgroup", true, second ? "version 2" : "version 1", "")};
}

}  // namespace ktl::cli
