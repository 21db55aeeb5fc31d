#include "core/pipeline/shared_key.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

TEST(SharedKey, IsOnePerFolderAndMachine) {
  std::string key = shared_key("machine", "/a/b");
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(key, shared_key("machine", "/a/./b"));
  EXPECT_NE(key, shared_key("machine", "/a/c"));
  EXPECT_NE(key, shared_key("other", "/a/b"));
}

TEST(SharedKey, EveryMachineHasAName) {
  EXPECT_FALSE(machine_id().empty());
  EXPECT_EQ(machine_id(), machine_id());
}

}  // namespace
}  // namespace ktl
