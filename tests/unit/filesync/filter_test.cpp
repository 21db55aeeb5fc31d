#include "filesync/filter.h"

#include <gtest/gtest.h>

namespace ktl::filesync {
namespace {

Filter filter(const std::vector<std::string>& include, const std::vector<std::string>& exclude,
              const std::vector<std::string>& excluded = {}) {
  auto made = Filter::make(include, exclude, excluded);
  EXPECT_TRUE(made.ok()) << made.status().to_string();
  return made.ok() ? *std::move(made) : *Filter::make({}, {}, {});
}

// "send", "enter", both or neither, of a folder in the root.
std::string of_folder(const Filter& rules, const std::string& path) {
  Filter::Folder own;
  const Filter::Verdict verdict = rules.judge(path, {}, &own);
  return std::string(verdict.send ? "send " : "") + (verdict.enter ? "enter" : "");
}

TEST(Filter, EntersWhereSomethingMayBe) {
  EXPECT_EQ(of_folder(filter({}, {}), "a"), "send enter");
  EXPECT_EQ(of_folder(filter({" "}, {}), "a"), "");
  EXPECT_EQ(of_folder(filter({"a/b"}, {}), "a"), "enter");
  EXPECT_EQ(of_folder(filter({"b/*.c"}, {}), "a"), "");
  EXPECT_EQ(of_folder(filter({"**/*.c"}, {}), "a"), "enter");
  EXPECT_EQ(of_folder(filter({}, {"a"}), "a"), "");
  EXPECT_EQ(of_folder(filter({}, {"*", "!a/b*"}), "a"), "enter");
  EXPECT_EQ(of_folder(filter({}, {"*", "!b"}), "a"), "");
  EXPECT_EQ(of_folder(filter({"a"}, {"a", "!a/b"}), "a"), "enter");
  EXPECT_EQ(of_folder(filter({}, {}, {"a"}), "a"), "");
}

TEST(Filter, SaysWhichListIsBad) {
  EXPECT_EQ(Filter::make({"["}, {}, {}).status().message(),
            R"(include patterns: bad pattern "[": "[" without its "]")");
  EXPECT_EQ(Filter::make({}, {"!"}, {}).status().message(),
            R"(.dockerignore: pattern "!" takes back nothing)");
}

}  // namespace
}  // namespace ktl::filesync
