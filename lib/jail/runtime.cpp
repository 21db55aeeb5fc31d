#include "jail/runtime.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "base/number.h"
#include "base/process.h"

namespace ktl::jail {
namespace {

bool is_program(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISREG(found.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

std::string beside_ktl(const std::string& name) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string()
                : (self.parent_path().parent_path() / "libexec/ktl" / name).string();
}

Status lacking(std::string message, std::string next) {
  return Status(Code::kFailedPrecondition, std::move(message)).advise(std::move(next));
}

// A switch of the kernel below /proc/sys; -1: it has none of that name.
int64_t kernel_switch(const std::string& name) {
  auto file = open_file("/proc/sys/" + name, 0);
  auto text = file.ok() ? read_all(file->get(), 64) : Result<std::string>(file.status());
  if (!text.ok()) {
    return -1;
  }
  return whole_number(text->substr(0, text->find('\n'))).value_or(-1);
}

Status check_user_namespace(const Machine& machine) {
  if (kernel_switch("user/max_user_namespaces") == 0) {
    return lacking("this machine allows no user namespaces (user.max_user_namespaces is 0)",
                   "sysctl -w user.max_user_namespaces=15000");
  }
  if (!machine.root() && kernel_switch("kernel/unprivileged_userns_clone") == 0) {
    return lacking(
        "this machine allows ordinary users no user namespaces "
        "(kernel.unprivileged_userns_clone is 0)",
        "sysctl -w kernel.unprivileged_userns_clone=1");
  }
  return {};
}

struct NamespaceRow {
  std::string_view field;
  std::string_view file;
  bool otherwise;
};
constexpr NamespaceRow kNamespaces[] = {
    {"clone_newuser", "user", true},     {"clone_newns", "mnt", true},
    {"clone_newpid", "pid", true},       {"clone_newipc", "ipc", true},
    {"clone_newuts", "uts", true},       {"clone_newnet", "net", true},
    {"clone_newcgroup", "cgroup", true}, {"clone_newtime", "time", false}};

Status check_id_maps(const Message& policy) {
  for (const char* field : {"uidmap", "gidmap"}) {
    for (const auto& map : policy.all(field)) {
      const std::string program = std::string("/usr/bin/new") + field;
      if (map.group.front().flag("use_newidmap") && !is_program(program)) {
        return lacking(
            "the policy's " + std::string(field) + " needs " + program + ", which is not there",
            "apt-get install uidmap");
      }
    }
  }
  return {};
}

}  // namespace

Result<std::string> find_runtime(std::string_view chosen, const std::string& name,
                                 const std::string& install) {
  if (!chosen.empty()) {
    std::string path(chosen);
    return is_program(path) ? Result<std::string>(path)
                            : lacking("the sandbox runtime " + path + " is no program", install);
  }
  if (std::string path = beside_ktl(name); is_program(path)) {
    return path;
  }
  auto found = find_program(name);
  return found.ok() ? found : lacking("there is no " + name + " on this machine", install);
}

Status check_machine(const Jail& jail, const Machine& machine) {
  for (const auto& row : kNamespaces) {
    const std::string file = "/proc/self/ns/" + std::string(row.file);
    if (jail.policy.flag(row.field, row.otherwise) && ::access(file.c_str(), F_OK) != 0) {
      return lacking("this kernel has no " + std::string(row.file) +
                         " namespaces, which the policy "
                         "asks for with " +
                         std::string(row.field),
                     "write " + std::string(row.field) + ": false");
    }
  }
  if (jail.policy.flag("clone_newuser", true)) {
    KTL_TRY(check_user_namespace(machine));
  }
  return check_id_maps(jail.policy);
}

}  // namespace ktl::jail
