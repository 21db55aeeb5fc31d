#include "cli/render/sanitize.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

TEST(Sanitize, KeepsTextTabsNewlinesAndColours) {
  EXPECT_EQ(sanitize("a\tb\nü 漢 \x1b[1;31mred\x1b[0m", true), "a\tb\nü 漢 \x1b[1;31mred\x1b[0m");
  EXPECT_EQ(sanitize("\x1b[38;2;1;2;3mx\x1b[m", false), "x");
}

TEST(Sanitize, DropsEveryOtherSequence) {
  EXPECT_EQ(sanitize("\x1b[2J\x1b[1;1Hx\x1b[?25l\x1b[>4;1m", true), "x");
  EXPECT_EQ(sanitize("\x1b]0;title\x07x\x1b]52;c;ZXZpbA==\x1b\\y", true), "xy");
  EXPECT_EQ(sanitize("\x1bPq#0;2\x1b\\x\x1b_apc\x1b\\y\x1b^pm\x1b\\z", true), "xyz");
  EXPECT_EQ(sanitize("\x1b(0x\x1b"
                     "cy\x1b=z",
                     true),
            "xyz");
  EXPECT_EQ(sanitize("\xC2\x9B"
                     "31mx\xC2\x9D"
                     "0;t\xC2\x9Cy",
                     true),
            "\x1b[31mxy");
}

TEST(Sanitize, DropsControlsAndReordering) {
  EXPECT_EQ(sanitize(std::string_view("a\0b\x08"
                                      "c\x7F"
                                      "d\x05"
                                      "e",
                                      9),
                     true),
            "abcde");
  EXPECT_EQ(sanitize("user\u202E\u2066 // admin\u2069", true), "user // admin");
}

TEST(Sanitize, AReturnHidesNothing) {
  EXPECT_EQ(sanitize("10%\r20%\r\ndone\r\n", true), "10%\n20%\ndone\n");
}

TEST(Sanitize, LeavesReturnsOfAStreamToItsReader) {
  Sanitizer sanitizer(true);
  EXPECT_EQ(sanitizer.feed("10%\r"), "10%");
  EXPECT_EQ(sanitizer.feed("20%\r\r\n"), "\r20%\n");
  EXPECT_EQ(sanitizer.feed("x\r\x1b[31mred"), "x\r\x1b[31mred");
}

TEST(Sanitize, LineSeparatorsEndLines) { EXPECT_EQ(sanitize("a\u2028b\u2029c", true), "a\nb\nc"); }

TEST(Sanitize, WorksWhereverAStreamIsCut) {
  const std::string text = "a\x1b[31mé漢\x1b[0m\x1b]0;t\x1b\\b\r\n\u202Ec\xFFz";
  const std::string whole = sanitize(text, true);
  EXPECT_EQ(whole, "a\x1b[31mé漢\x1b[0mb\nc\uFFFDz");
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    Sanitizer sanitizer(true);
    std::string both = sanitizer.feed(text.substr(0, cut));
    both += sanitizer.feed(text.substr(cut));
    EXPECT_EQ(both, whole) << cut;
  }
}

TEST(Sanitize, AnUnendedSequenceSwallowsLittle) {
  EXPECT_EQ(sanitize("\x1b]0;never ended\nnext", true), "\nnext");
  std::string endless = "\x1b]" + std::string(10'000, 'x');
  EXPECT_GT(sanitize(endless, true).size(), 5'000U);
  EXPECT_EQ(sanitize("\x1b[31\nx", true), "\nx");
}

TEST(Sanitize, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(sanitize("\xC0\xAF\xE0\x80\x80\xED\xA0\x80\xF4\x90\x80\x80", true).find('/'),
            std::string::npos);
  EXPECT_EQ(sanitize("a\xE2\x82z", true), "a\uFFFDz");
}

TEST(Sanitize, OneLineForNames) {
  EXPECT_EQ(one_line("RUN \x1b[31m<<EOF\n\techo hi\nEOF"), "RUN <<EOF  echo hi EOF");
}

}  // namespace
}  // namespace ktl::cli
