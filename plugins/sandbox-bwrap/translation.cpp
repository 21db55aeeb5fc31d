#include "translation.h"

#include "base/process.h"
#include "filter.h"
#include "jail/limits.h"
#include "refusals.h"

namespace ktl::sandbox_bwrap {
namespace {

struct SwitchRow {
  std::string_view field;
  bool otherwise;  // nsjail's default
  bool when;       // the value that asks for the option
  std::string_view option;
};
constexpr SwitchRow kSwitches[] = {{"clone_newuser", true, true, "--unshare-user"},
                                   {"clone_newpid", true, true, "--unshare-pid"},
                                   {"clone_newipc", true, true, "--unshare-ipc"},
                                   {"clone_newuts", true, true, "--unshare-uts"},
                                   {"clone_newnet", true, true, "--unshare-net"},
                                   {"clone_newcgroup", true, true, "--unshare-cgroup"},
                                   {"skip_setsid", false, false, "--new-session"}};

void append(Words& words, std::initializer_list<std::string> more) {
  words.insert(words.end(), more);
}

void add_identity(const jail::Message& policy, Words& words) {
  if (policy.flag("clone_newuts", true)) {
    append(words, {"--hostname", std::string(policy.text("hostname", "NSJAIL"))});
  }
  for (const auto& [field, option] : {std::pair{"uidmap", "--uid"}, {"gidmap", "--gid"}}) {
    const auto& maps = policy.all(field);
    const auto id = maps.empty() ? "" : maps.front().group.front().text("inside_id");
    if (!id.empty()) {
      append(words, {option, std::string(id)});
    }
  }
}

void add_capabilities(const jail::Message& policy, Words& words) {
  append(words, {policy.flag("keep_caps") ? "--cap-add" : "--cap-drop", "ALL"});
  for (const auto& cap : policy.all("cap")) {
    append(words, {"--cap-add", cap.text});
  }
}

bool has_root(const jail::Jail& jail) {
  for (const auto& mount : jail.mounts) {
    if (mount.dst == "/") {
      return true;
    }
  }
  return false;
}

void add_mounts(const jail::Jail& jail, const KeepFile& keep, Words& words, Refusals& refusals) {
  Words last;
  for (const auto& mount : jail.mounts) {
    add_mount(mount, keep, words, last, refusals);
  }
  if (!has_root(jail)) {
    append(last, {"--remount-ro", "/"});  // as nsjail's own root is
  }
  words.insert(words.end(), last.begin(), last.end());
}

Words limits(const jail::Jail& jail, const jail::Machine& machine) {
  Words words;
  for (const auto& row : jail::all_limits()) {
    if (const auto limit = limit_of(jail.policy, row, machine)) {
      words.push_back("--" + std::string(row.name) + "=" +
                      (*limit == jail::kUnlimited ? "unlimited" : std::to_string(*limit)));
    }
  }
  return words;
}

}  // namespace

Result<Words> prefix(const jail::Jail& jail, const jail::Machine& machine) {
  Words words;
  const auto nice = static_cast<int64_t>(jail.policy.number("nice_level"));
  if (nice > machine.nice) {
    KTL_ASSIGN(const std::string program, find_program("nice"));
    append(words, {program, "-n", std::to_string(nice - machine.nice)});
  }
  if (Words wanted = limits(jail, machine); !wanted.empty()) {
    auto program = find_program("prlimit");
    if (!program.ok()) {
      return Status(Code::kFailedPrecondition, "bubblewrap needs prlimit for the policy's limits")
          .advise("apt-get install util-linux");
    }
    words.push_back(*program);
    words.insert(words.end(), wanted.begin(), wanted.end());
  }
  return words;
}

Result<Words> options(const jail::Jail& jail, const jail::Machine& machine, const std::string& file,
                      const KeepFile& keep, const KeepFile& keep_bytes) {
  Refusals refusals;
  check_fields(jail, machine, file, refusals);
  Words words{"--die-with-parent"};
  for (const auto& row : kSwitches) {
    if (jail.policy.flag(row.field, row.otherwise) == row.when) {
      words.emplace_back(row.option);
    }
  }
  add_identity(jail.policy, words);
  add_capabilities(jail.policy, words);
  add_mounts(jail, keep, words, refusals);
  const std::string filter = filter_program(jail.policy, file, refusals);
  KTL_TRY(refusals.status());
  if (!filter.empty()) {
    append(words, {"--seccomp", std::to_string(keep_bytes(filter))});
  }
  append(words, {"--chdir", std::string(jail.policy.text("cwd"))});
  return words;
}

}  // namespace ktl::sandbox_bwrap
