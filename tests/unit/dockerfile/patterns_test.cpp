#include "dockerfile/patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ktl::dockerfile {
namespace {

using ::testing::ElementsAre;

PatternMatcher matcher(const std::vector<std::string>& patterns) {
  auto parsed = PatternMatcher::parse(patterns);
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  return parsed.ok() ? *std::move(parsed) : PatternMatcher();
}

TEST(Patterns, ReadsAnIgnoreFile) {
  auto patterns =
      read_ignore_file("\xEF\xBB\xBF# x\n\n  a/ \r\n#b\n #c\n/d/../e\n!  /f/\n!\n/\nlast");
  ASSERT_TRUE(patterns.ok());
  EXPECT_THAT(*patterns, ElementsAre("a", "#c", "e", "!f", "!", "/", "last"));
}

TEST(Patterns, BoundsAnIgnoreFile) {
  EXPECT_EQ(read_ignore_file(std::string(70000, 'a')).status().message(),
            "line 1 of the ignore file is too long");
  EXPECT_EQ(read_ignore_file(std::string(kMaxIgnoreFile + 1, '\n')).status().code(),
            Code::kResourceExhausted);
  EXPECT_EQ(PatternMatcher::parse({std::string(kMaxPattern + 1, 'a')}).status().code(),
            Code::kResourceExhausted);
}

// What BuildKit accepts is accepted, even where it was hardly meant.
TEST(Patterns, TakesWhatPatternmatcherTakes) {
  EXPECT_TRUE(matcher({"*.log|*.tmp"}).matches("x.tmp"));
  EXPECT_TRUE(matcher({"a|b"}).matches("a|b"));
  EXPECT_TRUE(matcher({"build-*[-_]x"}).matches("build-1-x"));
  EXPECT_FALSE(matcher({"a[*]b"}).matches("a*b"));
}

TEST(Patterns, NamesABadPattern) {
  EXPECT_EQ(PatternMatcher::parse({"ok", "[Local-Only]/"}).status().message(),
            R"(bad pattern "[Local-Only]": a range in "[...]" runs backwards)");
  EXPECT_EQ(PatternMatcher::parse({"!"}).status().message(), R"(pattern "!" takes back nothing)");
}

// The walk of a tree must say the same of a file as one look at its whole path.
TEST(Patterns, HandsMatchesDown) {
  const PatternMatcher ignore = matcher({"*", "!src", "src/**/*.o", "!**/keep.o"});
  PatternMatcher::FolderMatches src;
  PatternMatcher::FolderMatches sub;
  EXPECT_FALSE(ignore.matches("src", {}, &src));
  EXPECT_FALSE(ignore.matches("src/sub", src, &sub));
  EXPECT_TRUE(ignore.matches("src/sub/a.o", sub, nullptr));
  EXPECT_FALSE(ignore.matches("src/sub/keep.o", sub, nullptr));
  EXPECT_FALSE(ignore.matches("src/sub/a.c", sub, nullptr));
  EXPECT_TRUE(ignore.matches("other", {}, nullptr));
  for (const char* path : {"src/sub/a.o", "other", "other/a"}) {
    EXPECT_TRUE(ignore.matches(path)) << path;
  }
  for (const char* path : {"src/sub/keep.o", "src/sub/a.c", "other/keep.o"}) {
    EXPECT_FALSE(ignore.matches(path)) << path;
  }
}

TEST(Patterns, WhatDidNotCountForAFolderIsNotHandedDown) {
  const PatternMatcher ignore = matcher({"a", "!a/b", "a"});
  PatternMatcher::FolderMatches folder;
  EXPECT_TRUE(ignore.matches("a", {}, &folder));
  EXPECT_FALSE(ignore.matches("a/b", folder, nullptr));
  EXPECT_TRUE(ignore.matches("a/b"));
}

TEST(Patterns, KnowsWhereAPatternCannotMatch) {
  const PatternMatcher include = matcher({"src/*.go", "doc", "!x/y", "lib/**"});
  for (const char* folder : {"src/", "src/sub/", "lib/", "lib/a/"}) {
    EXPECT_TRUE(include.may_change_below(folder, false)) << folder;
  }
  for (const char* folder : {"docs/", "sr/", "x/", "li/"}) {
    EXPECT_FALSE(include.may_change_below(folder, false)) << folder;
  }
  EXPECT_TRUE(matcher({"a*|b"}).may_change_below("b/", false));
  EXPECT_TRUE(matcher({"^z*"}).may_change_below("z/", false));
  EXPECT_TRUE(include.may_change_below("x/", true));
  EXPECT_FALSE(include.may_change_below("src/", true));
}

}  // namespace
}  // namespace ktl::dockerfile
