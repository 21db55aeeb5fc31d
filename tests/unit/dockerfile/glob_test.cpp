#include "dockerfile/glob.h"

#include <gtest/gtest.h>

#include <array>
#include <utility>

namespace ktl::dockerfile {
namespace {

TEST(Glob, CleansPaths) {
  constexpr auto kCases = std::to_array<std::pair<const char*, const char*>>({
      {"", "."},
      {"/", "/"},
      {"a//b/", "a/b"},
      {"./a/./b", "a/b"},
      {"a/b/..", "a"},
      {"a/..", "."},
      {"../a", "../a"},
      {"../../a/..", "../.."},
      {"/..", "/"},
      {"/../a", "/a"},
      {"/a/../..", "/"},
      {"a/../../b", "../b"},
      {"!../a", "!../a"},
      {"!a/../b", "b"},
      {"a/b/../../c", "c"},
      {"..a/.b", "..a/.b"},
  });
  for (const auto& [path, clean] : kCases) {
    EXPECT_EQ(clean_path(path), clean) << path;
  }
}

bool matches(std::string_view pattern, std::string_view name) {
  auto glob = Glob::parse(pattern);
  EXPECT_TRUE(glob.ok()) << pattern;
  return glob.ok() && glob->matches(name);
}

TEST(Glob, MatchesNames) {
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*b*c", "aXbYbc"));
  EXPECT_FALSE(matches("a*b*c", "aXbYbcd"));
  EXPECT_FALSE(matches("*", "a/b"));
  EXPECT_TRUE(matches("?", "\u263A"));
  EXPECT_TRUE(matches("[a-c][^x]", "bz"));
  EXPECT_FALSE(matches("[z-a]", "b"));
  EXPECT_TRUE(matches(R"(\*[\]])", "*]"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Glob, SaysWhatIsWrong) {
  EXPECT_EQ(Glob::parse("a[b").status().message(), R"(bad pattern "a[b": "[" without its "]")");
  EXPECT_EQ(Glob::parse("a\\").status().message(), R"(bad pattern "a\": "\" at its end)");
  EXPECT_EQ(Glob::parse("[-a]").status().message(),
            R"(bad pattern "[-a]": "-" in "[...]" needs a "\" before it)");
  EXPECT_FALSE(Glob::parse("[\xFF]").ok());
}

}  // namespace
}  // namespace ktl::dockerfile
