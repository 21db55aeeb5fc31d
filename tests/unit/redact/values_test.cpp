#include "redact/values.h"

#include <gmock/gmock.h>

#include <string>
#include <thread>

namespace ktl::redact {
namespace {

size_t hits(Values& values, std::string_view text) {
  std::vector<Range> found;
  const auto matcher = values.matcher();
  return matcher == nullptr ? 0 : (matcher->scan(text, found), found.size());
}

TEST(Values, AreFoundFromTheMomentTheyAreAdded) {
  Values values;
  EXPECT_EQ(values.matcher(), nullptr);
  EXPECT_EQ(values.version(), 0U);
  EXPECT_EQ(*values.add("hunter2hunter2\n"), Values::Added::kTaken);
  EXPECT_NE(values.version(), 0U);
  EXPECT_EQ(hits(values, "-hunter2hunter2-"), 1U);
  EXPECT_EQ(*values.add("another one"), Values::Added::kTaken);
  EXPECT_EQ(hits(values, "-hunter2hunter2- another one"), 2U);
}

TEST(Values, ThatAreShortAreNotLookedFor) {
  Values values;
  EXPECT_EQ(*values.add("\nshort!\n"), Values::Added::kShort);
  EXPECT_EQ(*values.add(""), Values::Added::kShort);
  EXPECT_EQ(values.version(), 0U);
}

TEST(Values, AreTakenOnce) {
  Values values;
  EXPECT_TRUE(values.add("hunter2hunter2").ok());
  const uint64_t version = values.version();
  EXPECT_TRUE(values.add("hunter2hunter2\n").ok());
  EXPECT_EQ(values.version(), version);
}

TEST(Values, AreBoundedTogether) {
  Values values;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(values.add(std::to_string(i) + std::string(500U << 10U, 'x')).ok());
  }
  for (int i = 0; i < 2; ++i) {  // neither is taken at the second attempt
    auto added = values.add("2" + std::string(500U << 10U, 'x'));
    ASSERT_FALSE(added.ok());
    EXPECT_EQ(added.status().code(), Code::kResourceExhausted);
  }
  EXPECT_TRUE(values.add("a small one fits still").ok());
}

TEST(Values, MayComeFromAnyThread) {
  Values values;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&values, t] {
      for (int i = 0; i < 10; ++i) {
        const std::string value = "value " + std::to_string(t) + "/" + std::to_string(i);
        EXPECT_TRUE(values.add(value).ok());
        EXPECT_EQ(hits(values, value + "."), 1U);
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace ktl::redact
