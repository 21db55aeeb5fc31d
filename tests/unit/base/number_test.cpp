#include "base/number.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

TEST(WholeNumber, IsAllOfTheText) {
  EXPECT_EQ(whole_number("0"), 0);
  EXPECT_EQ(whole_number("-12"), -12);
  EXPECT_EQ(whole_number("9223372036854775807"), INT64_MAX);
}

TEST(WholeNumber, IsNothingElse) {
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1k", "0x1", "1.0", "9223372036854775808",
                           "99999999999999999999"}) {
    EXPECT_EQ(whole_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ktl
