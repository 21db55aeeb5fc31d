#include "redact/line_breaks.h"

#include <gtest/gtest.h>

#include <string>

namespace ktl::redact {
namespace {

struct Case {
  std::string_view text;
  std::string_view unwrapped;
};

TEST(Unwrapped, LeavesOutLineBreaksAndKeepsEmptyLines) {
  for (const Case& c : {Case{"abc", "abc"}, Case{"a\nb\r\nc\rd", "abcd"}, Case{"\na\n", "a"},
                        Case{"a\n\nb", "a\nb"}, Case{"a\r\n\r\n\r\nb", "a\nb"}, Case{"", ""},
                        Case{"\n", ""}, Case{"a\n\n", "a\n"}}) {
    Unwrapped unwrapped;
    unwrapped.assign(c.text);
    EXPECT_EQ(unwrapped.text(), c.unwrapped);
    for (size_t i = 0; i < c.unwrapped.size(); ++i) {
      EXPECT_EQ(c.text[unwrapped.original(i)], c.unwrapped[i]) << c.text << " at " << i;
    }
    EXPECT_EQ(unwrapped.original(c.unwrapped.size()), c.text.size());
  }
}

}  // namespace
}  // namespace ktl::redact
