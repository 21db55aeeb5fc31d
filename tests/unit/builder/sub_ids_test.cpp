#include "builder/sub_ids.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

TEST(SubIds, RangesOfOneNameInOrder) {
  const std::string text = "ann:100000:65536\nktl:300000:131072\nann:500000:7\n";
  EXPECT_EQ(ranges_in(text, {"ann"}), (std::vector<IdRange>{{100000, 65536}, {500000, 7}}));
  EXPECT_EQ(ranges_in(text, {"ktl", "root"}), (std::vector<IdRange>{{300000, 131072}}));
  EXPECT_TRUE(ranges_in(text, {"an"}).empty());
}

TEST(SubIds, RootAndWhatDoesNotFitAreNoRange) {
  for (const char* line : {"ktl:0:65536", "ktl:-1:65536", "ktl:1:0", "ktl:x:65536", "ktl:1",
                           "ktl:4294967290:65536", "ktl:1:4294967295", "ktl::", "ktl"}) {
    EXPECT_TRUE(ranges_in(line, {"ktl"}).empty()) << line;
  }
}

}  // namespace
}  // namespace ktl::builder
