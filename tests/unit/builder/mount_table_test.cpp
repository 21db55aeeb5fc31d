#include "builder/mount_table.h"

#include <gmock/gmock.h>

#include <sstream>

#include "base/fd.h"

namespace ktl::builder {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

TEST(MountTable, WhatIsMountedHereIsFound) {
  const auto read = MountTable::here();
  ASSERT_TRUE(read.ok()) << read.status().to_string();
  const MountTable& table = *read;
  EXPECT_THAT(table.below(""), Not(IsEmpty()));
  for (const std::string& point : table.below("/proc")) {
    EXPECT_TRUE(point.starts_with("/proc/")) << point;
  }
  EXPECT_EQ(table.options_of("/proc/self/status").find("rw"), std::string::npos);
}

// A path is known by the mount that it really leads to, and this one leads to no mount of the text.
TEST(MountTable, WhatTheKernelDoesNotConfirmIsLeftOut) {
  const MountTable table = MountTable::parse(
      "18446744073709551615 1 0:1 / /usr/lib rw,nosuid - ext4 d rw\n"
      "broken\n");
  EXPECT_THAT(table.below("/usr"), IsEmpty());
  EXPECT_EQ(table.options_of("/usr"), "");
}

// The number of the mount at /proc, as text.
std::string id_of_proc() {
  std::istringstream lines(*read_file("/proc/self/mountinfo", 16U << 20U));
  std::string found;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string id, parent, device, root, point;
    fields >> id >> parent >> device >> root >> point;
    found = point == "/proc" ? id : found;
  }
  return found;
}

TEST(MountTable, FlagsAreThoseThatMountTakes) {
  const std::string line = id_of_proc() + " 1 0:1 / /proc rw,nosuid,idmapped,noatime - proc p rw\n";
  EXPECT_EQ(MountTable::parse(line).options_of("/proc"), "nosuid,noatime");
}

}  // namespace
}  // namespace ktl::builder
