#include "jail/mount.h"

#include <sys/stat.h>

#include <cerrno>

#include "jail/path.h"
#include "jail/tokens.h"

namespace ktl::jail {
namespace {

Result<std::string> prefixed(const Message& said, std::string_view prefix, std::string_view name,
                             const Machine& machine) {
  std::string path;
  if (const auto key = said.text(prefix); !key.empty()) {
    auto value = machine.variable(std::string(key));
    if (!value) {
      return Status(Code::kInvalidArgument, "the variable " + std::string(key) + " of " +
                                                std::string(prefix) + " is not set");
    }
    path = *std::move(value);
  }
  return path + std::string(said.text(name));
}

Result<MountKind> kind_of(const Message& said) {
  if (said.flag("is_symlink")) {
    return MountKind::kSymlink;
  }
  if (!said.text("src_content").empty()) {
    return MountKind::kContent;
  }
  if (said.flag("is_bind")) {
    return MountKind::kBind;
  }
  if (said.text("fstype").empty()) {
    return Status(Code::kInvalidArgument, "this mount is neither a bind nor has it a file system")
        .advise("write is_bind: true or fstype: \"tmpfs\"");
  }
  return MountKind::kFilesystem;
}

Status check_paths(Mount& mount) {
  if (!mount.dst.starts_with('/') || !is_plain_path(tidy_path(mount.dst))) {
    return {Code::kInvalidArgument, "dst \"" + mount.dst + "\" is no absolute path without \"..\""};
  }
  mount.dst = tidy_path(mount.dst);
  if (mount.kind == MountKind::kBind) {
    if (!mount.src.starts_with('/')) {
      return {Code::kInvalidArgument, "src \"" + mount.src + "\" is no absolute path"};
    }
    mount.src = tidy_path(mount.src);
  }
  if (mount.kind == MountKind::kSymlink && mount.src.empty()) {
    return {Code::kInvalidArgument, "this link points nowhere: it has no src"};
  }
  return {};
}

Result<Mount> to_mount(const Message& said, const Machine& machine) {
  Mount mount;
  KTL_ASSIGN(mount.kind, kind_of(said));
  KTL_ASSIGN(mount.src, prefixed(said, "prefix_src_env", "src", machine));
  KTL_ASSIGN(mount.dst, prefixed(said, "prefix_dst_env", "dst", machine));
  mount.fstype = said.text("fstype");
  mount.options = said.text("options");
  mount.content = said.text("src_content");
  mount.rw = said.flag("rw");
  mount.folder = said.flag("is_dir", mount.kind != MountKind::kContent);
  mount.mandatory = said.flag("mandatory", true);
  mount.nosuid = said.flag("nosuid");
  mount.nodev = said.flag("nodev");
  mount.noexec = said.flag("noexec");
  KTL_TRY(check_paths(mount));
  return mount;
}

Mount proc_mount(std::string origin) {
  Mount mount;
  mount.kind = MountKind::kFilesystem;
  mount.dst = "/proc";
  mount.fstype = "proc";
  mount.origin = std::move(origin);
  return mount;
}

std::string where(std::string_view file, Place place) { return fault(file, place, "").where(); }

}  // namespace

Status look_at_source(Mount& mount) {
  struct stat found{};
  if (::stat(mount.src.c_str(), &found) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return Status(Code::kNotFound,
                    mount.src + ", which " + mount.origin + " wants inside, does not exist")
          .advise("make it, or leave that out");
    }
    return errno_status(mount.origin + ": " + mount.src, errno);
  }
  mount.folder = S_ISDIR(found.st_mode);
  return {};
}

Result<std::vector<Mount>> mounts_of(const Message& policy, std::string_view file,
                                     const Machine& machine) {
  std::vector<Mount> mounts;
  for (const auto& value : policy.all("mount")) {
    auto mount = to_mount(value.group.front(), machine);
    if (!mount.ok()) {
      return fault(file, value.place, mount.status().message()).advise(mount.status().next());
    }
    mount->origin = where(file, value.place);
    Status there = mount->kind == MountKind::kBind ? look_at_source(*mount) : Status();
    if (there.ok()) {
      mounts.push_back(*std::move(mount));
    } else if (mount->mandatory) {
      return there;
    }
  }
  if (policy.flag("mount_proc")) {
    mounts.push_back(proc_mount(where(file, policy.place("mount_proc"))));
  }
  return mounts;
}

Message to_message(const Mount& mount) {
  Message said(*policy_schema().find("mount")->group);
  const auto text = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) {
      said.set_text(name, value);
    }
  };
  const auto flag = [&](std::string_view name, bool value) {
    if (value) {
      said.set_number(name, 1);
    }
  };
  text("src", mount.src);
  text("src_content", mount.content);
  text("dst", mount.dst);
  text("fstype", mount.fstype);
  text("options", mount.options);
  flag("is_bind", mount.kind == MountKind::kBind);
  flag("is_symlink", mount.kind == MountKind::kSymlink);
  flag("rw", mount.rw);
  said.set_number("is_dir", mount.folder ? 1 : 0);
  if (!mount.mandatory) {
    said.set_number("mandatory", 0);
  }
  flag("nosuid", mount.nosuid);
  flag("nodev", mount.nodev);
  flag("noexec", mount.noexec);
  return said;
}

}  // namespace ktl::jail
