#include "core/events/packed.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

Event sample() {
  return {7,
          -1,
          "a build",
          "log/1",
          {{"text", std::string("zero \0 byte", 11)},
           {"none", nullptr},
           {"yes", true},
           {"less", INT64_MIN},
           {"much", UINT64_MAX},
           {"part", 0.1},
           {"", json::array{1, "two", json::object{{"three", json::array{}}}}}}};
}

TEST(Packed, GivesBackWhatItTook) {
  std::string bytes;
  pack(sample(), bytes);
  pack({8, 2, "", "", {}}, bytes);
  std::string_view rest = bytes;
  auto first = unpack(rest);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(to_line(*first), to_line(sample()));
  EXPECT_EQ(first->body, sample().body);  // with the numbers' types
  auto second = unpack(rest);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->seq, 8U);
  EXPECT_TRUE(rest.empty());
}

TEST(Packed, RefusesWhatIsTorn) {
  std::string bytes;
  pack(sample(), bytes);
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::string_view rest = std::string_view(bytes).substr(0, size);
    EXPECT_EQ(unpack(rest).status().code(), Code::kDataLoss) << size;
  }
}

// The kind of the body's only value, the last but eight bytes of it.
TEST(Packed, RefusesWhatNobodyPacked) {
  std::string bytes;
  pack({1, 1, "b", "t", {{"n", 1}}}, bytes);
  bytes[bytes.size() - 9] = 99;
  std::string_view rest = bytes;
  EXPECT_EQ(unpack(rest).status().code(), Code::kDataLoss);
}

}  // namespace
}  // namespace ktl
