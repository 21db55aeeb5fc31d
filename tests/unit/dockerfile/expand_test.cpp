#include "dockerfile/expand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Variables kVariables = {
    {"path", "/a/b/b.tar.gz"}, {"empty", ""}, {"star", "a*b"},           {"lines", "one\ntwo"},
    {"spaced", " x  y "},      {"b", "B"},    {"fill", "<$0${none}$$>"},
};

struct Case {
  std::string word;
  std::string expected;  // "error" when it must be refused
};

class Expand : public testing::TestWithParam<Case> {};

TEST_P(Expand, Word) {
  Expander expander('\\');
  const auto expansion = expander.expand(GetParam().word, kVariables);
  EXPECT_EQ(expansion.ok() ? expansion->text : "error", GetParam().expected)
      << expansion.status().to_string();
}

INSTANTIATE_TEST_SUITE_P(Defaults, Expand,
                         testing::Values(Case{"${none-d}", "d"}, Case{"${empty-d}", ""},
                                         Case{"${empty:-d}", "d"}, Case{"${b+d}", "d"},
                                         Case{"${none+d}", ""}, Case{"${empty:+d}", ""},
                                         Case{"${empty?m}", ""}, Case{"${empty:?m}", "error"},
                                         Case{"${none:-${also:-$b}}", "B"},
                                         Case{"${b:=x}", "error"}, Case{"${b", "error"},
                                         Case{"$", "$"}, Case{"$.", "$."}, Case{"'$b'", "$b"}));

INSTANTIATE_TEST_SUITE_P(
    Patterns, Expand,
    testing::Values(Case{"${path#*/}", "a/b/b.tar.gz"}, Case{"${path##*/}", "b.tar.gz"},
                    Case{"${path%.*}", "/a/b/b.tar"}, Case{"${path%%.*}", "/a/b/b"},
                    Case{"${path#nothing}", "/a/b/b.tar.gz"}, Case{"${star#a\\*}", "b"},
                    Case{"${star#?}", "*b"}, Case{"${star#a\\b}", "error"},
                    Case{"${lines#*w}", "one\ntwo"}, Case{"${none##*}", ""},
                    Case{"${b:#B}", "error"}));

INSTANTIATE_TEST_SUITE_P(Replacements, Expand,
                         testing::Values(Case{"${path/b/c}", "/a/c/b.tar.gz"},
                                         Case{"${path//b/c}", "/a/c/c.tar.gz"},
                                         Case{"${path//\\/b/}", "/a.tar.gz"},
                                         Case{"${path/*\\/b/x}", "x.tar.gz"},
                                         Case{"${b//x*/y}", "B"}, Case{"${b//*/$fill}", "<B$>"},
                                         Case{"${b//B/\\$x}", "\\"}, Case{"${path/b}", "error"}));

TEST(Expander, SplitsAfterExpansion) {
  Expander expander('\\');
  const auto expansion = expander.expand("a$spaced'  'b \"$spaced\"", kVariables);
  ASSERT_TRUE(expansion.ok());
  EXPECT_THAT(expansion->words, ElementsAre("a", "x", "y", "  b", " x  y "));
}

TEST(Expander, SaysWhetherItKnewEveryVariable) {
  Expander expander('\\');
  EXPECT_TRUE(expander.expand("$b \\$none '$none'", kVariables)->complete);
  EXPECT_FALSE(expander.expand("${none:-x}", kVariables)->complete);
}

TEST(Expander, TakesTheBacktick) {
  Expander expander('`');
  EXPECT_EQ(expander.expand("C:\\x`$b$b", kVariables)->text, "C:\\x$bB");
}

TEST(Expander, KeepsWhatItIsToldToKeep) {
  Expander raw('\\', {.raw_quotes = true, .raw_escapes = true, .skip_unset = true});
  EXPECT_EQ(raw.expand("\"a\\\"$b\" ${none:-x} \\$b", kVariables)->text,
            "\"a\\\"B\" ${none:-x} \\$b");
}

TEST(Expander, ReplacesBrokenUtf8) {
  Expander expander('\\');
  EXPECT_EQ(expander.expand("a\xFFz", kVariables)->text, "a\uFFFDz");
}

TEST(Expander, RefusesToGuessWhereAForeignNameEnds) {
  Expander expander('\\');
  EXPECT_EQ(expander.expand("$b\u2014", kVariables).status().code(), Code::kUnimplemented);
  EXPECT_EQ(expander.expand("${b\u00e9:-x}", kVariables).status().code(), Code::kUnimplemented);
  EXPECT_EQ(expander.expand("\u00e9${b}\u00e9 \\$\u00e9", kVariables)->text,
            "\u00e9B\u00e9 $\u00e9");
  Expander keeping('\\', {.skip_unset = true});
  EXPECT_EQ(keeping.expand("$x\u2014", {})->text, "$x\u2014");
}

TEST(Expander, StopsWhenTheWorkIsTooMuch) {
  Expander expander('\\');
  const Variables big = {{"v", std::string(60'000, 'a')}};
  std::string pattern;
  for (int i = 0; i < 2000; ++i) {
    pattern += "*a";
  }
  const auto expansion = expander.expand("${v##" + pattern + "b}", big);
  EXPECT_EQ(expansion.status().code(), Code::kResourceExhausted);
  std::string nested;
  for (int i = 0; i < 150; ++i) {
    nested += "${x:-";
  }
  EXPECT_EQ(Expander('\\').expand(nested, {}).status().code(), Code::kResourceExhausted);
}

TEST(Expander, AdvisesOnAMissingArgument) {
  const Status status = Expander('\\').expand("${none:?set it}", kVariables).status();
  EXPECT_THAT(status.message(), HasSubstr("none: set it"));
  EXPECT_THAT(status.next(), HasSubstr("--build-arg none="));
}

}  // namespace
}  // namespace ktl::dockerfile
