#include "refusals.h"

#include <span>
#include <utility>

#include "base/number.h"
#include "jail/tokens.h"

namespace ktl::sandbox_bwrap {
namespace {

// Each of them does something in nsjail when it is true, not 0, or not empty.
constexpr std::string_view kRefused[] = {"no_pivotroot",
                                         "time_limit",
                                         "max_cpus",
                                         "forward_signals",
                                         "disable_no_new_privs",
                                         "disable_tsc",
                                         "persona_addr_compat_layout",
                                         "persona_mmap_page_zero",
                                         "persona_read_implies_exec",
                                         "persona_addr_limit_3gb",
                                         "persona_addr_no_randomize",
                                         "clone_newtime",
                                         "seccomp_policy_file",
                                         "cgroup_mem_max",
                                         "cgroup_mem_memsw_max",
                                         "cgroup_pids_max",
                                         "cgroup_net_cls_classid",
                                         "cgroup_cpu_ms_per_sec",
                                         "iface_no_lo",
                                         "iface_own",
                                         "macvlan_iface"};

std::string where(const std::string& file, jail::Place place) {
  return jail::fault(file, place, "").where();
}

bool has_effect(const jail::Message& policy, std::string_view field) {
  const jail::Value* value = policy.find(field);
  return value != nullptr && (value->number != 0 || !value->text.empty());
}

// bubblewrap maps one user, the one who runs it.
void check_map(const jail::Message& policy, const std::string& file, std::string_view field,
               int64_t self, Refusals& refusals) {
  const auto& maps = policy.all(field);
  if (maps.empty()) {
    return;
  }
  const jail::Message& map = maps.front().group.front();
  const std::string_view inside = map.text("inside_id");
  const std::string_view outside = map.text("outside_id");
  const bool one = maps.size() == 1 && map.number("count", 1) <= 1 && !map.flag("use_newidmap");
  const bool own = outside.empty() || whole_number(outside) == self;
  if (!one || !own || (!inside.empty() && !whole_number(inside)) ||
      !policy.flag("clone_newuser", true)) {
    refusals.add(where(file, policy.place(field)),
                 "this " + std::string(field) + ", only one of the user who runs it");
  }
}

void check_limits_of_kernel(const jail::Message& policy, const std::string& file,
                            Refusals& refusals) {
  if (policy.has("cgroup_mem_swap_max") &&
      static_cast<int64_t>(policy.number("cgroup_mem_swap_max")) >= 0) {
    refusals.add(where(file, policy.place("cgroup_mem_swap_max")), "cgroup_mem_swap_max");
  }
  const auto& nets = policy.all("user_net");
  if (!nets.empty() && nets.front().group.front().flag("enable")) {
    refusals.add(where(file, nets.front().place), "user_net");
  }
}

}  // namespace

void Refusals::add(std::string place, std::string what) {
  rows_.push_back({std::move(place), std::move(what)});
}

Status Refusals::status() const {
  if (rows_.empty()) {
    return {};
  }
  std::string all = rows_.front().what;
  for (const Row& row : std::span(rows_).subspan(1)) {
    all += "; " + row.what + " (" + row.place + ")";
  }
  return Status(Code::kFailedPrecondition, "bubblewrap cannot honour " + all)
      .at(rows_.front().place)
      .advise("install nsjail with scripts/install-nsjail, or change the policy");
}

void check_fields(const jail::Jail& jail, const jail::Machine& machine, const std::string& file,
                  Refusals& refusals) {
  for (const auto field : kRefused) {
    if (has_effect(jail.policy, field)) {
      refusals.add(where(file, jail.policy.place(field)), std::string(field));
    }
  }
  if (jail.policy.has("hostname") && !jail.policy.flag("clone_newuts", true)) {
    refusals.add(where(file, jail.policy.place("hostname")), "hostname without clone_newuts");
  }
  check_limits_of_kernel(jail.policy, file, refusals);
  check_map(jail.policy, file, "uidmap", machine.uid, refusals);
  check_map(jail.policy, file, "gidmap", machine.gid, refusals);
}

}  // namespace ktl::sandbox_bwrap
