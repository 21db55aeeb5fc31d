#include "jail/adapt.h"

#include <sys/stat.h>

#include <filesystem>

#include "jail/tokens.h"

namespace ktl::jail {
namespace {

using Notes = std::vector<std::string>;

struct DropRow {
  std::string_view field;
  std::string_view because;
};
constexpr DropRow kDropped[] = {{"exec_bin", "the command is ktl's worker"},
                                {"envar", "the environment is ktl's to choose"},
                                {"keep_env", "the environment is ktl's to choose"},
                                {"pass_fd", "descriptors are ktl's to hand over"},
                                {"silent", "ktl listens to its worker"},
                                {"stderr_to_null", "ktl listens to its worker"},
                                {"log_fd", "the runtime's log goes to ktl"},
                                {"log_file", "the runtime's log goes to ktl"}};

constexpr std::string_view kWays[] = {"iface_own", "macvlan_iface", "user_net"};

bool is_set(const Message& policy, std::string_view field) {
  const FieldRow* row = policy.row().find(field);
  return policy.has(field) && (row->kind != Kind::kBool || policy.flag(field));
}

Status check_mode(const Message& policy, std::string_view file) {
  const std::string mode(policy.text("mode", "ONCE"));
  if (mode == "LISTEN" || mode == "RERUN") {
    return fault(file, policy.place("mode"), "mode " + mode + " runs more than one command")
        .advise("write mode: ONCE");
  }
  if (policy.flag("daemon")) {
    return fault(file, policy.place("daemon"), "a daemon would leave its build behind")
        .advise("remove the line");
  }
  if (!policy.flag("clone_newns", true)) {
    return fault(file, policy.place("clone_newns"),
                 "without a mount namespace of its own the fence hides no file")
        .advise("write clone_newns: true");
  }
  return {};
}

void drop(Message& policy, Notes& notes) {
  for (const auto& row : kDropped) {
    if (is_set(policy, row.field)) {
      notes.push_back("the policy's " + std::string(row.field) +
                      " is not used: " + std::string(row.because));
    }
    policy.clear(row.field);
  }
}

void set_folder(Message& policy, const Fence& fence, Notes& notes) {
  if (policy.has("cwd") && policy.text("cwd") != fence.workdir) {
    notes.push_back("the command starts in " + fence.workdir + ", not in the policy's cwd " +
                    std::string(policy.text("cwd")));
  }
  policy.set_text("cwd", fence.workdir);
}

void set_user(Message& policy, const Machine& machine, Notes& notes) {
  if (!machine.root() && !policy.flag("clone_newuser", true)) {
    notes.emplace_back(
        "a user namespace of its own is added: without one an ordinary user can make no fence");
    policy.set_number("clone_newuser", 1);
  }
}

void set_mode(Message& policy, const Machine& machine, Notes& notes) {
  if (policy.text("mode") != "EXECVE") {
    return;
  }
  if (machine.root() && policy.flag("clone_newuser", true)) {
    notes.emplace_back(
        "mode ONCE instead of EXECVE: for root EXECVE fails with a user namespace (gid_map: "
        "EPERM)");
  } else if (policy.flag("clone_newpid", true)) {
    notes.emplace_back(
        "mode ONCE instead of EXECVE, which leaves the command in this machine's pid namespace");
  } else {
    return;
  }
  policy.set_text("mode", "ONCE");
}

void cut_network(Message& policy, const Fence& fence, Notes& notes) {
  if (fence.network) {
    return;
  }
  if (!policy.flag("clone_newnet", true)) {
    notes.emplace_back("the network is cut, although the policy leaves it open");
  }
  policy.set_number("clone_newnet", 1);
  for (const auto way : kWays) {
    if (policy.has(way)) {
      notes.push_back("the policy's " + std::string(way) + " is not used: the network is cut");
    }
    policy.clear(way);
  }
}

// A kafel file is found beside its policy, wherever ktl was started.
Status find_filter(Message& policy, std::string_view file) {
  const std::string said(policy.text("seccomp_policy_file"));
  if (said.empty()) {
    return {};
  }
  const Place place = policy.place("seccomp_policy_file");
  if (policy.has("seccomp_string")) {
    return fault(file, place, "seccomp_policy_file and seccomp_string exclude each other");
  }
  const auto path = (std::filesystem::path(file).parent_path() / said).lexically_normal();
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    Status missing(Code::kNotFound, "the seccomp filter " + path.string() + " does not exist");
    return std::move(missing).at(fault(file, place, "").where());
  }
  policy.set_text("seccomp_policy_file", path.string());
  return {};
}

}  // namespace

Status adapt(Message& policy, std::string_view file, const Fence& fence, const Machine& machine,
             Notes& notes) {
  KTL_TRY(check_mode(policy, file));
  KTL_TRY(find_filter(policy, file));
  drop(policy, notes);
  set_folder(policy, fence, notes);
  set_user(policy, machine, notes);
  set_mode(policy, machine, notes);
  cut_network(policy, fence, notes);
  return {};
}

}  // namespace ktl::jail
