#include "cli/render/lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Lines, JoinsPiecesAndKeepsTheRest) {
  Lines lines;
  EXPECT_THAT(lines.feed("a\nb"), ElementsAre("a"));
  EXPECT_THAT(lines.feed("c\n\n"), ElementsAre("bc", ""));
  EXPECT_THAT(lines.feed("open"), IsEmpty());
  EXPECT_THAT(lines.flush(), ElementsAre("open"));
  EXPECT_THAT(lines.flush(), IsEmpty());
}

TEST(Lines, NoColourRunsIntoTheNextLine) {
  Lines lines(true);
  EXPECT_THAT(lines.feed("\x1b[31mred\nplain\n\x1b[32mg\x1b[0m\n"),
              ElementsAre("\x1b[31mred\x1b[0m", "plain", "\x1b[32mg\x1b[0m"));
}

TEST(Lines, CutsAnEndlessLineBetweenCharacters) {
  Lines lines;
  std::string text(kMostLineBytes - 1, 'x');
  EXPECT_THAT(lines.feed(text + "漢"), IsEmpty());
  auto cut = lines.feed("y");
  ASSERT_EQ(cut.size(), 1U);
  EXPECT_EQ(cut[0], text + "漢");
}

}  // namespace
}  // namespace ktl::cli
