#include "dockerfile/json_array.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;
using testing::Optional;

TEST(JsonArray, DecodesStrings) {
  EXPECT_THAT(*parse_json_array(" [ \"a\" ,\"\\\\\\/\\t\\u0041\" ] "),
              Optional(ElementsAre("a", "\\/\tA")));
  EXPECT_THAT(*parse_json_array("[\"\\ud83d\\ude00\", \"\\ud83dx\", \"\xFF\"]"),
              Optional(ElementsAre("\U0001F600", "\uFFFDx", "\uFFFD")));
}

TEST(JsonArray, LeavesOtherTextAlone) {
  for (const std::string_view text :
       {"echo hi", "['a']", "[\"a\"", "[\"a\",]", "[\"a\"] b", "[\"\\x\"]", "[\"\t\"]", "[", ""}) {
    const auto array = parse_json_array(text);
    ASSERT_TRUE(array.ok()) << text;
    EXPECT_FALSE(array->has_value()) << text;
  }
}

TEST(JsonArray, RefusesOtherElements) {
  EXPECT_EQ(parse_json_array("[\"a\", [\"b\"]]").status().code(), Code::kInvalidArgument);
  EXPECT_EQ(parse_json_array("[null]").status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace ktl::dockerfile
