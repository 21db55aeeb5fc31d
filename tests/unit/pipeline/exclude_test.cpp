#include "core/pipeline/exclude.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::ElementsAre;

TEST(Exclude, KnowsWhatLiesInsideTheContext) {
  EXPECT_EQ(path_in_context("/c", "/c/out/image.tar"), "out/image.tar");
  EXPECT_EQ(path_in_context("/c/", "/c/./a/../b"), "b");
  EXPECT_EQ(path_in_context("/c", "/cc/b"), std::nullopt);
  EXPECT_EQ(path_in_context("/c", "/c"), std::nullopt);
  EXPECT_EQ(path_in_context("/c", "/c/../d"), std::nullopt);
  EXPECT_EQ(path_in_context("/c", ""), std::nullopt);
}

TEST(Exclude, KeepsASortedListWithoutRepetition) {
  std::vector<std::string> list;
  for (const char* path : {"b", "a/./x", "b", "a/x"}) {
    EXPECT_TRUE(add_exclude(list, path).ok()) << path;
  }
  EXPECT_THAT(list, ElementsAre("a/x", "b"));
}

TEST(Exclude, RefusesPathsThatAreNone) {
  std::vector<std::string> list;
  for (const char* path : {"", ".", "/etc", "../x", "a/../../x", "a\nb"}) {
    EXPECT_EQ(add_exclude(list, path).code(), Code::kInvalidArgument) << path;
  }
  EXPECT_TRUE(list.empty());
}

}  // namespace
}  // namespace ktl
