// The mounts of this process, as far as a path leads to them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace ktl::builder {

// Read once from /proc/self/mountinfo (proc(5)).
class MountTable {
 public:
  // A status when it cannot be read, or has more than 16 MiB.
  static Result<MountTable> here();
  static MountTable parse(const std::string& mountinfo);

  // The flags of the mount that holds `path`, links followed: "nosuid,relatime", without "ro" and
  // "rw". Empty when that is not known.
  [[nodiscard]] std::string options_of(const std::string& path) const;
  // Mount points below the folder `path` (absolute, no links), those that lie hidden left out.
  [[nodiscard]] std::vector<std::string> below(const std::string& path) const;

 private:
  struct Mount {
    std::string point;
    std::string options;
  };
  std::map<uint64_t, Mount> mounts_;  // by their ids
};

}  // namespace ktl::builder
