#include "dockerfile/path_regexp.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace ktl::dockerfile {
namespace {

bool matches(std::string_view expression, std::string_view path) {
  auto regexp = PathRegexp::compile(expression);
  EXPECT_TRUE(regexp.ok()) << expression << ": " << regexp.status().to_string();
  return regexp.ok() && regexp->matches(path);
}

TEST(PathRegexp, FoldersMayBeNoneOrMany) {
  for (const char* path : {"x", "a/x", "a/b/x", "/x"}) {
    EXPECT_TRUE(matches("^(.*/)?x$", path)) << path;
  }
  for (const char* path : {"", "ax", "a/xx", "x/"}) {
    EXPECT_FALSE(matches("^(.*/)?x$", path)) << path;
  }
  EXPECT_TRUE(matches("^(.*/)?(.*/)?[^/]*$", "a/b/c"));
  EXPECT_FALSE(matches("^a(.*/)?[^/]*b$", "a/c"));
}

TEST(PathRegexp, ADotIsNoNewlineButAClassMayBe) {
  EXPECT_FALSE(matches("^.*$", "a\nb"));
  EXPECT_FALSE(matches("^(.*/)?x$", "a\nb/x"));
  EXPECT_TRUE(matches("^[^/]*$", "a\nb"));
}

TEST(PathRegexp, CharactersAreCodePoints) {
  EXPECT_TRUE(matches("^a[^/]b$", "a\u263Ab"));
  EXPECT_FALSE(matches("^a[^/][^/]b$", "a\u263Ab"));
  EXPECT_TRUE(matches("^a[^/]b$",
                      "a\xFF"
                      "b"));
}

TEST(PathRegexp, KnowsPlaces) {
  EXPECT_TRUE(matches("^^a\\z$", "a"));
  EXPECT_FALSE(matches("^a^b$", "ab"));
  EXPECT_FALSE(matches("^a\\b-\\Bb$", "a-b"));
  EXPECT_TRUE(matches("^a\\b-\\bb$", "a-b"));
  EXPECT_TRUE(matches("^bin\\Debug$", "bin-ebug"));
}

TEST(PathRegexp, AlternativesAreAnchoredAtTheOuterEndsOnly) {
  for (const char* path : {"a.log", "a.logs", "x.tmp", "y/x.tmp"}) {
    EXPECT_TRUE(matches("^[^/]*\\.log|[^/]*\\.tmp$", path)) << path;
  }
  EXPECT_FALSE(matches("^[^/]*\\.log|[^/]*\\.tmp$", "y/a.log"));
  EXPECT_FALSE(matches("^[^/]*\\.log|[^/]*\\.tmp$", "x.tmps"));
}

TEST(PathRegexp, CountsRepetitions) {
  EXPECT_TRUE(matches("^a{2}b$", "aab"));
  EXPECT_FALSE(matches("^a{2}b$", "ab"));
  EXPECT_TRUE(matches("^[ab]{1,3}$", "aba"));
  EXPECT_FALSE(matches("^[ab]{1,3}$", "abab"));
  EXPECT_TRUE(matches("^a{0,}b$", "b"));
  EXPECT_TRUE(matches("^a{2,}b$", "aaaab"));
  EXPECT_TRUE(matches("^[^/]*\\.{js,ts}$", "a.{js,ts}"));
  EXPECT_TRUE(matches("^a{02}$", "a{02}"));
  for (const char* expression : {"^[^/]*{2}$", "^{2}$", "^a{3,2}$", "^a{1001}$", "^a|{2}$"}) {
    EXPECT_EQ(PathRegexp::compile(expression).status().code(), Code::kInvalidArgument)
        << expression;
  }
  std::string many = "^";
  for (int i = 0; i < 21; ++i) {
    many += "a{1000}";
  }
  EXPECT_EQ(PathRegexp::compile(many + "$").status().code(), Code::kResourceExhausted);
}

TEST(PathRegexp, RefusesWhatGoRefuses) {
  for (const char* expression : {"^\\k$", "^[a$", "^[b-a]$", "^\\8$", "^\\pL$", "^\\Qa$", "^\\$"}) {
    EXPECT_FALSE(PathRegexp::compile(expression).ok()) << expression;
  }
}

TEST(PathRegexp, StaysLinear) {
  std::string expression = "^";
  for (int i = 0; i < 200; ++i) {
    expression += "(.*/)?[^/]*a";
  }
  const std::string path = std::string(2000, 'a') + "b";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(expression + "$", path));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

}  // namespace
}  // namespace ktl::dockerfile
