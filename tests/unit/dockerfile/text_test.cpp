#include "dockerfile/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;

TEST(Text, DecodesUtf8AndMarksWhatIsNone) {
  EXPECT_EQ(to_runes("a\u00e9\u20ac\U0001F600"), U"a\u00e9\u20ac\U0001F600");
  EXPECT_EQ(to_runes("\xC0\xAF"), U"\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(to_runes("\xED\xA0\x80"), U"\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(to_runes("\xE2\x82"), U"\uFFFD\uFFFD");            // cut short
  EXPECT_EQ(from_runes(to_runes("\u20ac\U0001F600")), "\u20ac\U0001F600");
}

TEST(Text, TrimsUnicodeSpace) {
  EXPECT_EQ(trim("\u3000 \ta\u00a0b\u2003\n"), "a\u00a0b");
  EXPECT_EQ(trim("\u2003"), "");
  EXPECT_EQ(trim_right("x\xA0"), "x\xA0");
}

TEST(Text, SplitsAtBlanks) {
  EXPECT_THAT(split_blank("a \t b\u00a0c"), ElementsAre("a", "b\u00a0c"));
  EXPECT_THAT(split_blank("a  b  c", 2), ElementsAre("a", "b  c"));
  EXPECT_THAT(split_blank(""), ElementsAre(""));
}

}  // namespace
}  // namespace ktl::dockerfile
