#include "jail/limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace ktl::jail {
namespace {

constexpr uint64_t kKiB = 1024;
constexpr uint64_t kMiB = 1024 * kKiB;

// In the order of nsjail's contain.cc.
constexpr LimitRow kLimits[] = {{"as", RLIMIT_AS, kMiB, true, true, "address space"},
                                {"core", RLIMIT_CORE, kMiB, true, false, "core files"},
                                {"cpu", RLIMIT_CPU, 1, true, true, "CPU time"},
                                {"fsize", RLIMIT_FSIZE, kMiB, true, true, "file size"},
                                {"nofile", RLIMIT_NOFILE, 1, true, true, "open files"},
                                {"nproc", RLIMIT_NPROC, 1, false, false, "processes"},
                                {"stack", RLIMIT_STACK, kMiB, false, false, "stack"},
                                {"memlock", RLIMIT_MEMLOCK, kKiB, false, false, "locked memory"},
                                {"rtprio", RLIMIT_RTPRIO, 1, false, false, "real-time priority"},
                                {"msgqueue", RLIMIT_MSGQUEUE, 1, false, false, "message queues"}};

std::string value_name(const LimitRow& row) { return "rlimit_" + std::string(row.name); }
std::string type_name(const LimitRow& row) { return value_name(row) + "_type"; }

uint64_t found_in(const std::map<std::string, uint64_t>& limits, const LimitRow& row) {
  auto at = limits.find(std::string(row.name));
  return at == limits.end() ? kUnlimited : at->second;
}

uint64_t hard_of(const Machine& machine, const LimitRow& row) {
  return found_in(machine.hard_limits, row);
}

uint64_t soft_of(const Machine& machine, const LimitRow& row) {
  return std::min(found_in(machine.soft_limits, row), hard_of(machine, row));
}

uint64_t scaled(uint64_t value, uint64_t unit) {
  return value > kUnlimited / unit ? kUnlimited : value * unit;
}

void use_hard(Message& policy, const LimitRow& row) {
  policy.clear(value_name(row));
  policy.set_text(type_name(row), "HARD");
}

void lower(Message& policy, const LimitRow& row, const Machine& machine,
           std::vector<std::string>& notes) {
  const auto wanted = limit_of(policy, row, machine);
  const uint64_t hard = hard_of(machine, row);
  if (wanted && *wanted > hard) {
    const std::string asked = *wanted == kUnlimited ? "no limit" : std::to_string(*wanted);
    notes.push_back(value_name(row) + ": " + asked + " is above this machine's hard limit of " +
                    std::to_string(hard) + " " + std::string(row.people) +
                    ", which is used instead");
    use_hard(policy, row);
  }
}

}  // namespace

std::span<const LimitRow> all_limits() { return kLimits; }

std::optional<uint64_t> limit_of(const Message& policy, const LimitRow& row,
                                 const Machine& machine) {
  const std::string_view type = policy.text(type_name(row), row.valued ? "VALUE" : "SOFT");
  if (policy.flag("disable_rl")) {
    return std::nullopt;
  }
  if (type == "SOFT") {
    return soft_of(machine, row);
  }
  if (type == "HARD") {
    return hard_of(machine, row);
  }
  return type == "INF" ? kUnlimited : scaled(policy.number(value_name(row)), row.unit);
}

void fit_limits(Message& policy, const Machine& machine, std::vector<std::string>& notes) {
  std::string unset;
  if (!policy.has("time_limit")) {
    policy.set_number("time_limit", 0);
    unset = "time";
  }
  if (!policy.has("nice_level")) {
    policy.set_number("nice_level", static_cast<uint64_t>(static_cast<int64_t>(machine.nice)));
  }
  for (const auto& row : all_limits()) {
    const bool written = policy.has(value_name(row));
    const bool typed = policy.has(type_name(row));
    if (policy.flag("disable_rl")) {
      continue;
    }
    if (!written && row.ends_builds && policy.text(type_name(row), "VALUE") == "VALUE") {
      use_hard(policy, row);
      unset += (unset.empty() ? "" : ", ") + std::string(row.people);
    } else if (written && !typed && !row.valued) {
      notes.push_back(value_name(row) + " without " + type_name(row) +
                      ": VALUE has no effect: the soft limit stays");
    }
    lower(policy, row, machine, notes);
  }
  if (!unset.empty()) {
    notes.push_back("the policy sets no limit of " + unset +
                    ": these stay as they are outside, since nsjail's own would end a build");
  }
}

}  // namespace ktl::jail
