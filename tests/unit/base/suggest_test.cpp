#include "base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace ktl {
namespace {

const std::vector<std::string> kFlags = {"push", "pull", "platform", "plugin-dir", "tag", "t"};

TEST(Suggest, CountsASwapAsOneEdit) {
  EXPECT_EQ(edit_distance("pusj", "push"), 1U);
  EXPECT_EQ(edit_distance("psuh", "push"), 1U);
  EXPECT_EQ(edit_distance("", "push"), 4U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(Suggest, FindsTheNearestWord) {
  EXPECT_EQ(suggest("psuh", kFlags), "push");
  EXPECT_EQ(suggest("platfrom", kFlags), "platform");
  EXPECT_EQ(suggest("plugin_dir", kFlags), "plugin-dir");
  EXPECT_EQ(did_you_mean("tga", kFlags), "did you mean \"tag\"?");
}

TEST(Suggest, SaysNothingAboutAStrangersWord) {
  EXPECT_EQ(suggest("secrets", kFlags), "");
  EXPECT_EQ(suggest("x", kFlags), "");
  EXPECT_EQ(suggest("", kFlags), "");
  EXPECT_EQ(suggest(std::string(4096, 'p'), kFlags), "");
  EXPECT_EQ(did_you_mean("secrets", kFlags), "");
}

}  // namespace
}  // namespace ktl
