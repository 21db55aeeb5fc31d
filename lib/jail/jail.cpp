#include "jail/jail.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "jail/adapt.h"
#include "jail/layout.h"
#include "jail/limits.h"
#include "jail/parser.h"
#include "jail/path.h"
#include "jail/sockets.h"

namespace ktl::jail {
namespace {

constexpr size_t kMaxPolicyMounts = 500;

Result<Message> read_policy(const std::string& file) {
  auto text = read_file(file, kMaxPolicyBytes);
  if (!text.ok()) {
    return std::move(text)
        .status()
        .in("the policy")
        .advise("name a policy with --sandbox-config; ktl's own are in share/ktl/sandbox");
  }
  return parse_policy(file, *text);
}

std::string name_of(const Message& policy, const std::string& file) {
  const auto name = policy.text("name");
  return valid_utf8((name.empty() ? std::filesystem::path(file).stem().string() : std::string(name))
                        .substr(0, 255));
}

bool is_strict(const Jail& jail, const std::string& file) {
  return jail.name.find("strict") != std::string::npos ||
         std::filesystem::path(file).stem().string().find("strict") != std::string::npos;
}

// What a policy shows that one would not expect of a fence.
Status judge_policy(const Mount& mount, bool strict, std::vector<std::string>& notes) {
  const std::string socket = socket_in(mount);
  if (!socket.empty() && strict) {
    return Status(Code::kInvalidArgument,
                  mount.origin + ": a strict policy binds the socket " + socket)
        .advise("remove the line, or name another policy with --sandbox-config");
  }
  if (!socket.empty()) {
    notes.push_back(
        mount.origin + ": the socket " + socket + " is reachable inside" +
        (is_runtime_socket(socket) ? ", which is as good as root on this machine" : ""));
  }
  if (mount.kind == MountKind::kBind && (mount.src == "/dev" || mount.src == "/")) {
    notes.push_back(mount.origin + ": all of this machine's " + mount.src + " is visible inside" +
                    (mount.rw ? ", and writable" : ""));
  }
  return {};
}

Status judge_bind(const Mount& mount, bool strict, std::vector<std::string>& notes) {
  const auto socket = socket_in(mount);
  if (is_runtime_socket(socket) && strict) {
    return Status(Code::kInvalidArgument, mount.origin + " shows the socket " + socket +
                                              " in a strict jail, which is as good as root on "
                                              "this machine")
        .advise(
            "leave the bind out (--builder hands the builder's socket in by itself), or name "
            "another policy with --sandbox-config");
  }
  if (is_runtime_socket(socket)) {
    notes.push_back(mount.origin + " shows the socket " + socket +
                    " inside, which is as good as root on this machine");
  }
  return {};
}

Mount context_mount(const Fence& fence) {
  Mount mount;
  mount.dst = fence.workdir;
  mount.nosuid = mount.nodev = true;
  if (fence.context.empty()) {
    mount.kind = MountKind::kFilesystem;
    mount.fstype = "tmpfs";
    mount.options = "size=16M,mode=0755";
    mount.origin = "the working folder";
  } else {
    mount.src = fence.context;
    mount.origin = "the build context";
  }
  return mount;
}

Status add_context(const Fence& fence, std::vector<Mount>& mounts) {
  Mount mount = context_mount(fence);
  if (mount.kind == MountKind::kBind) {
    KTL_TRY(look_at_source(mount));
    if (!mount.folder) {
      return {Code::kInvalidArgument, "the build context " + mount.src + " is no folder"};
    }
  }
  mounts.push_back(std::move(mount));
  return {};
}

Status add_binds(const Fence& fence, bool strict, std::vector<Mount>& mounts,
                 std::vector<std::string>& notes) {
  for (const auto& bind : fence.binds) {
    Mount mount;
    mount.src = bind.src;
    mount.dst = bind.dst;
    mount.rw = bind.rw;
    mount.origin = "the bind " + bind.src + ":" + bind.dst;
    const Status there = look_at_source(mount);
    if (!there.ok() && bind.optional) {
      continue;
    }
    KTL_TRY(Status(there));
    KTL_TRY(judge_bind(mount, strict, notes));
    mounts.push_back(std::move(mount));
  }
  return {};
}

}  // namespace

Result<Jail> make_jail(const Fence& fence, const Machine& machine, bool submounts) {
  KTL_ASSIGN(Message policy, read_policy(fence.profile));
  Jail jail{std::move(policy), {}, {}, {}, {}};
  jail.name = name_of(jail.policy, fence.profile);
  if (jail.policy.all("mount").size() > kMaxPolicyMounts) {
    return Status(Code::kInvalidArgument, fence.profile + ": more than 500 mounts");
  }
  KTL_TRY(adapt(jail.policy, fence.profile, fence, machine, jail.notes));
  fit_limits(jail.policy, machine, jail.notes);
  KTL_ASSIGN(jail.wanted, mounts_of(jail.policy, fence.profile, machine));
  const bool strict = is_strict(jail, fence.profile);
  for (const auto& mount : jail.wanted) {
    KTL_TRY(judge_policy(mount, strict, jail.notes));
  }
  jail.policy.clear("mount");
  jail.policy.clear("mount_proc");
  KTL_TRY(add_context(fence, jail.wanted));
  KTL_TRY(add_binds(fence, strict, jail.wanted, jail.notes));
  KTL_ASSIGN(jail.mounts,
             lay_out(jail.wanted, submounts ? machine.mount_points : std::vector<std::string>()));
  return jail;
}

}  // namespace ktl::jail
