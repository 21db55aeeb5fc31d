#include "cli/render/width.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

TEST(Width, CountsColumnsNotBytes) {
  EXPECT_EQ(width_of("abc"), 3U);
  EXPECT_EQ(width_of("é漢🚀"), 5U);
  EXPECT_EQ(width_of("e\u0301"), 1U);
  EXPECT_EQ(width_of("\x1b[1;31mred\x1b[0m"), 3U);
}

TEST(Width, CutsToFit) {
  EXPECT_EQ(fit("abcdef", 6), "abcdef");
  EXPECT_EQ(fit("abcdefg", 6), "abcde…");
  EXPECT_EQ(fit("漢字漢字", 6), "漢字…");
  EXPECT_EQ(fit("abc", 0), "");
  EXPECT_EQ(fit("a\tb", 10), "a b");
  EXPECT_EQ(fit("\x1b[31mabcdef", 4), "\x1b[31mabc…\x1b[0m");
}

}  // namespace
}  // namespace ktl::cli
