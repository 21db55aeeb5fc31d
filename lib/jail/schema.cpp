#include "jail/schema.h"

#include <algorithm>

namespace ktl::jail {
namespace {

using enum Kind;

constexpr std::string_view kModes[] = {"LISTEN", "ONCE", "RERUN", "EXECVE"};
constexpr std::string_view kLogLevels[] = {"DEBUG", "INFO", "WARNING", "ERROR", "FATAL"};
constexpr std::string_view kLimits[] = {"VALUE", "SOFT", "HARD", "INF"};

constexpr FieldRow one(std::string_view name, Kind kind) { return {name, kind}; }
constexpr FieldRow many(std::string_view name, Kind kind) { return {name, kind, true}; }
constexpr FieldRow needed(std::string_view name, Kind kind) { return {name, kind, false, true}; }
constexpr FieldRow word(std::string_view name, std::span<const std::string_view> words) {
  return {name, kWord, false, false, words};
}
constexpr FieldRow group(std::string_view name, const MessageRow& row, bool repeated) {
  return {name, kGroup, repeated, false, {}, &row};
}

constexpr FieldRow kIdMapFields[] = {one("inside_id", kText), one("outside_id", kText),
                                     one("count", kUint32), one("use_newidmap", kBool)};
constexpr MessageRow kUidMap{"uidmap", kIdMapFields};
constexpr MessageRow kGidMap{"gidmap", kIdMapFields};

constexpr FieldRow kMountFields[] = {
    one("src", kText),     one("prefix_src_env", kText), one("src_content", kBytes),
    needed("dst", kText),  one("prefix_dst_env", kText), one("fstype", kText),
    one("options", kText), one("is_bind", kBool),        one("rw", kBool),
    one("is_dir", kBool),  one("mandatory", kBool),      one("is_symlink", kBool),
    one("nosuid", kBool),  one("nodev", kBool),          one("noexec", kBool)};
constexpr MessageRow kMount{"mount", kMountFields};

constexpr FieldRow kExeFields[] = {needed("path", kText), many("arg", kText), one("arg0", kText),
                                   one("exec_fd", kBool)};
constexpr MessageRow kExe{"exec_bin", kExeFields};

constexpr FieldRow kUserNetFields[] = {one("enable", kBool),
                                       one("ports_map_only", kBool),
                                       one("ip", kText),
                                       one("mask", kText),
                                       one("gw", kText),
                                       one("ip6", kText),
                                       one("mask6", kText),
                                       one("gw6", kText),
                                       one("ns_iface", kText),
                                       one("tcp_map_in", kText),
                                       one("udp_map_in", kText),
                                       one("tcp_map_out", kText),
                                       one("udp_map_out", kText),
                                       one("enable_ip4_dhcp", kBool),
                                       one("enable_dns", kBool),
                                       one("dns_forward", kText),
                                       one("enable_tcp", kBool),
                                       one("enable_udp", kBool),
                                       one("enable_icmp", kBool),
                                       one("no_map_gw", kBool),
                                       one("enable_ip6_dhcp", kBool),
                                       one("enable_ip6_ra", kBool)};
constexpr MessageRow kUserNet{"user_net", kUserNetFields};

constexpr FieldRow kPolicyFields[] = {one("name", kText),
                                      many("description", kText),
                                      word("mode", kModes),
                                      one("hostname", kText),
                                      one("cwd", kText),
                                      one("no_pivotroot", kBool),
                                      one("port", kUint32),
                                      one("bindhost", kText),
                                      one("max_conns", kUint32),
                                      one("max_conns_per_ip", kUint32),
                                      one("time_limit", kUint32),
                                      one("daemon", kBool),
                                      one("max_cpus", kUint32),
                                      one("nice_level", kInt32),
                                      one("log_fd", kInt32),
                                      one("log_file", kText),
                                      word("log_level", kLogLevels),
                                      one("keep_env", kBool),
                                      many("envar", kText),
                                      one("keep_caps", kBool),
                                      many("cap", kText),
                                      one("silent", kBool),
                                      one("skip_setsid", kBool),
                                      one("stderr_to_null", kBool),
                                      many("pass_fd", kInt32),
                                      one("disable_no_new_privs", kBool),
                                      one("forward_signals", kBool),
                                      one("disable_tsc", kBool),
                                      one("rlimit_as", kUint64),
                                      word("rlimit_as_type", kLimits),
                                      one("rlimit_core", kUint64),
                                      word("rlimit_core_type", kLimits),
                                      one("rlimit_cpu", kUint64),
                                      word("rlimit_cpu_type", kLimits),
                                      one("rlimit_fsize", kUint64),
                                      word("rlimit_fsize_type", kLimits),
                                      one("rlimit_nofile", kUint64),
                                      word("rlimit_nofile_type", kLimits),
                                      one("rlimit_nproc", kUint64),
                                      word("rlimit_nproc_type", kLimits),
                                      one("rlimit_stack", kUint64),
                                      word("rlimit_stack_type", kLimits),
                                      one("rlimit_memlock", kUint64),
                                      word("rlimit_memlock_type", kLimits),
                                      one("rlimit_rtprio", kUint64),
                                      word("rlimit_rtprio_type", kLimits),
                                      one("rlimit_msgqueue", kUint64),
                                      word("rlimit_msgqueue_type", kLimits),
                                      one("disable_rl", kBool),
                                      one("persona_addr_compat_layout", kBool),
                                      one("persona_mmap_page_zero", kBool),
                                      one("persona_read_implies_exec", kBool),
                                      one("persona_addr_limit_3gb", kBool),
                                      one("persona_addr_no_randomize", kBool),
                                      one("clone_newnet", kBool),
                                      one("clone_newuser", kBool),
                                      one("clone_newns", kBool),
                                      one("clone_newpid", kBool),
                                      one("clone_newipc", kBool),
                                      one("clone_newuts", kBool),
                                      one("clone_newcgroup", kBool),
                                      one("clone_newtime", kBool),
                                      group("uidmap", kUidMap, true),
                                      group("gidmap", kGidMap, true),
                                      one("mount_proc", kBool),
                                      group("mount", kMount, true),
                                      one("seccomp_policy_file", kText),
                                      many("seccomp_string", kText),
                                      one("seccomp_log", kBool),
                                      one("cgroup_mem_max", kUint64),
                                      one("cgroup_mem_memsw_max", kUint64),
                                      one("cgroup_mem_swap_max", kInt64),
                                      one("cgroup_mem_mount", kText),
                                      one("cgroup_mem_parent", kText),
                                      one("cgroup_pids_max", kUint64),
                                      one("cgroup_pids_mount", kText),
                                      one("cgroup_pids_parent", kText),
                                      one("cgroup_net_cls_classid", kUint32),
                                      one("cgroup_net_cls_mount", kText),
                                      one("cgroup_net_cls_parent", kText),
                                      one("cgroup_cpu_ms_per_sec", kUint32),
                                      one("cgroup_cpu_mount", kText),
                                      one("cgroup_cpu_parent", kText),
                                      one("cgroupv2_mount", kText),
                                      one("use_cgroupv2", kBool),
                                      one("detect_cgroupv2", kBool),
                                      one("iface_no_lo", kBool),
                                      many("iface_own", kText),
                                      one("macvlan_iface", kText),
                                      one("macvlan_vs_ip", kText),
                                      one("macvlan_vs_nm", kText),
                                      one("macvlan_vs_gw", kText),
                                      one("macvlan_vs_ma", kText),
                                      one("macvlan_vs_mo", kText),
                                      group("user_net", kUserNet, false),
                                      group("exec_bin", kExe, false)};
constexpr MessageRow kPolicy{"a policy", kPolicyFields};

}  // namespace

const FieldRow* MessageRow::find(std::string_view field) const {
  const auto* at = std::find_if(fields.data(), fields.data() + fields.size(),
                                [&](const FieldRow& row) { return row.name == field; });
  return at == fields.data() + fields.size() ? nullptr : at;
}

std::vector<std::string> MessageRow::names() const {
  std::vector<std::string> all;
  for (const auto& row : fields) {
    all.emplace_back(row.name);
  }
  return all;
}

const MessageRow& policy_schema() { return kPolicy; }

}  // namespace ktl::jail
