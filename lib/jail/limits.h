// The limits of a policy, brought to what this machine allows and a build needs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jail/machine.h"
#include "jail/message.h"

namespace ktl::jail {

// One rlimit of nsjail: rlimit_<name> in units of `unit`, rlimit_<name>_type. nsjail takes the
// value when no type is written for those with `valued`, else the soft limit.
struct LimitRow {
  std::string_view name;
  int resource;  // RLIMIT_...
  uint64_t unit;
  bool valued;
  bool ends_builds;  // nsjail's own value, used when nothing is written, is one no build survives
  std::string_view people;  // "open files"
};
std::span<const LimitRow> all_limits();

// What a limit comes to: bytes, seconds or a count, kUnlimited; nothing: limits are disabled.
std::optional<uint64_t> limit_of(const Message& policy, const LimitRow& row,
                                 const Machine& machine);

// Changes `policy` so that no limit needs a privilege: one above the hard limit becomes the hard
// limit. What is not written and ends a build in nsjail (10 minutes, files of 1 MiB, 32 open
// files, 4 GiB of address space, 10 minutes of CPU, nice 19) stays as it is outside. Each change
// adds a sentence to `notes`.
void fit_limits(Message& policy, const Machine& machine, std::vector<std::string>& notes);

}  // namespace ktl::jail
