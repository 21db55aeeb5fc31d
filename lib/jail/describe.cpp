#include <algorithm>

#include "jail/jail.h"
#include "jail/limits.h"

namespace ktl::jail {
namespace {

constexpr size_t kMaxNotes = 32;
constexpr size_t kMaxNote = 1024;
constexpr size_t kMaxValue = 255;

struct NamespaceRow {
  std::string_view control;
  std::string_view field;
  bool otherwise;  // nsjail's default
};
constexpr NamespaceRow kNamespaces[] = {
    {"user_namespace", "clone_newuser", true}, {"mount_namespace", "clone_newns", true},
    {"pid_namespace", "clone_newpid", true},   {"ipc_namespace", "clone_newipc", true},
    {"uts_namespace", "clone_newuts", true},   {"cgroup_namespace", "clone_newcgroup", true},
    {"time_namespace", "clone_newtime", false}};

std::string joined(const std::vector<Value>& values) {
  std::string all;
  for (const auto& value : values) {
    all += (all.empty() ? "" : ",") + value.text;
  }
  return all;
}

std::string network(const Message& policy) {
  if (!policy.flag("clone_newnet", true)) {
    return "host";
  }
  const bool wired =
      policy.has("iface_own") || policy.has("macvlan_iface") ||
      (policy.has("user_net") && policy.all("user_net").front().group.front().flag("enable"));
  return wired ? "own" : "none";
}

std::string capabilities(const Message& policy) {
  if (policy.flag("keep_caps")) {
    return "all";
  }
  return policy.has("cap") ? joined(policy.all("cap")) : "none";
}

std::string seccomp(const Message& policy) {
  if (policy.has("seccomp_policy_file")) {
    return std::string(policy.text("seccomp_policy_file"));
  }
  return policy.has("seccomp_string") ? joined(policy.all("seccomp_string")) : "none";
}

std::string root_of(const Jail& jail) {
  std::string root = "tmpfs";
  for (const auto& mount : jail.wanted) {
    if (mount.dst == "/") {
      root = mount.kind == MountKind::kBind ? mount.src : mount.fstype;
    }
  }
  return root;
}

// Only what differs from the limits outside.
std::string limits(const Message& policy) {
  std::string all;
  for (const auto& row : all_limits()) {
    const std::string name = "rlimit_" + std::string(row.name);
    if (policy.has(name) && !policy.flag("disable_rl") &&
        policy.text(name + "_type", row.valued ? "VALUE" : "SOFT") == "VALUE") {
      all += (all.empty() ? "" : ",") + std::string(row.name) + "=" +
             std::to_string(policy.number(name));
    }
  }
  return all.empty() ? "as outside" : all;
}

json::array lines_of(const Jail& jail) {
  json::array lines;
  const auto add = [&](std::string_view control, const std::string& value) {
    lines.push_back({{"control", control},
                     {"value", valid_utf8(value.substr(0, kMaxValue))},
                     {"evidence", "declared"}});
  };
  for (const auto& row : kNamespaces) {
    add(row.control, jail.policy.flag(row.field, row.otherwise) ? "own" : "host");
  }
  add("network", network(jail.policy));
  add("capabilities", capabilities(jail.policy));
  add("no_new_privs", jail.policy.flag("disable_no_new_privs") ? "no" : "yes");
  add("seccomp", seccomp(jail.policy));
  add("root_filesystem", root_of(jail));
  add("limits", limits(jail.policy));
  return lines;
}

json::array binds_of(const Jail& jail) {
  json::array binds;
  for (const auto& mount : jail.wanted) {
    if (mount.kind == MountKind::kBind) {
      binds.push_back({{"src", valid_utf8(mount.src)},
                       {"dst", valid_utf8(mount.dst)},
                       {"mode", mount.rw ? "rw" : "ro"}});
    }
  }
  return binds;
}

json::array notes_of(const Jail& jail) {
  json::array notes;
  for (size_t i = 0; i < std::min(jail.notes.size(), kMaxNotes); ++i) {
    notes.emplace_back(valid_utf8(jail.notes[i].substr(0, kMaxNote)));
  }
  return notes;
}

}  // namespace

json::object describe(const Jail& jail, const std::string& runtime, const std::string& version,
                      bool native) {
  return {{"schema", "ktl.sandbox/1"}, {"runtime", runtime},     {"version", version},
          {"policy", jail.name},       {"native", native},       {"lines", lines_of(jail)},
          {"binds", binds_of(jail)},   {"notes", notes_of(jail)}};
}

}  // namespace ktl::jail
