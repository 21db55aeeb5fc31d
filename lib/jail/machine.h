// What of this machine a fence has to respect; a value, so that tests can be on another machine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ktl::jail {

constexpr uint64_t kUnlimited = UINT64_MAX;

struct Machine {
  uid_t uid = 0;
  gid_t gid = 0;
  int nice = 0;                                 // what ktl itself runs at
  std::map<std::string, uint64_t> soft_limits;  // by nsjail's names: "nofile", "as" ...
  std::map<std::string, uint64_t> hard_limits;
  std::vector<std::string> mount_points;  // all of this mount namespace
  std::function<std::optional<std::string>(const std::string&)> variable;  // of the environment

  [[nodiscard]] bool root() const { return uid == 0; }
};

// The process that asks, now. [any thread]
Machine this_machine();

// The mount points of a text in the form of /proc/self/mountinfo.
std::vector<std::string> mount_points_of(const std::string& mountinfo);

}  // namespace ktl::jail
