#include "cli/request/convert_limits.h"

#include <gmock/gmock.h>

namespace ktl::cli {
namespace {

using testing::ElementsAre;

TEST(Limits, HostsAreNamesAndAddresses) {
  EXPECT_THAT(*read_host("db:10.0.0.1"), ElementsAre("db=10.0.0.1"));
  EXPECT_THAT(*read_host("db=[::1],10.0.0.2"), ElementsAre("db=::1", "db=10.0.0.2"));
  for (const char* word : {"", "db", ":1.2.3.4", "db:", "db:x", "db:host-gateway", "db:1.2.3"}) {
    EXPECT_EQ(read_host(word).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Limits, UlimitsHaveASoftAndAHardOne) {
  EXPECT_EQ(*read_ulimit("nofile=10"), "nofile=10:10");
  EXPECT_EQ(*read_ulimit("core=0:-1"), "core=0:-1");
  for (const char* word :
       {"nofile", "files=1", "nofile=", "nofile=2:1", "nofile=-1:5", "nofile=1:2:3", "nofile=-2"}) {
    EXPECT_EQ(read_ulimit(word).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Limits, SizesHaveUnits) {
  EXPECT_EQ(*read_bytes("1"), 1);
  EXPECT_EQ(*read_bytes("64m"), 64 << 20);
  EXPECT_EQ(*read_bytes("2GB"), int64_t{2} << 30);
  EXPECT_EQ(*read_bytes("3kib"), 3072);
  for (const char* word : {"", "0", "-1", "m", "1x", "1 m", "5000000p", "99999999999999999999"}) {
    EXPECT_EQ(read_bytes(word).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Limits, ResourcesAreDockers) {
  EXPECT_EQ(*read_resource("memory=1g"),
            std::pair(std::string("memory"), std::string("1073741824")));
  EXPECT_EQ(read_resource("memory-swap=-1")->second, "-1");
  EXPECT_EQ(read_resource("cpuset-cpus=0-3,5")->second, "0-3,5");
  for (const char* word : {"memory", "memory=-1", "cpu-quota=0", "cpu-quota=1.5", "cpuset-cpus=a",
                           "cpuset-cpus=-1", "disk=1"}) {
    EXPECT_EQ(read_resource(word).status().code(), Code::kInvalidArgument) << word;
  }
  EXPECT_EQ(read_resource("memori=1g").status().next(), "did you mean \"memory\"?");
}

}  // namespace
}  // namespace ktl::cli
