#include "base/size.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

TEST(Size, IsAWholeNumberWithAUnit) {
  EXPECT_EQ(*bytes_of("1B"), 1);
  EXPECT_EQ(*bytes_of("20GB"), int64_t{20} << 30);
  for (const char* text : {"", "GB", "1", "1.5GB", "-1GB", "0B", "1 GB", "1gb", "9999999TB"}) {
    EXPECT_EQ(bytes_of(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Size, IsShownWithOneDecimal) {
  EXPECT_EQ(shown_size(0), "0 B");
  EXPECT_EQ(shown_size(1023), "1023 B");
  EXPECT_EQ(shown_size(1536), "1.5 KB");
  EXPECT_EQ(shown_size(int64_t{20} << 30), "20.0 GB");
}

}  // namespace
}  // namespace ktl
