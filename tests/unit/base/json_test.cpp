#include "base/json.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

TEST(Json, RefusesDuplicateKeysAtAnyDepth) {
  auto parsed = parse_json(R"({"a":{"b":1,"c":2,"b":3}})");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.status().message(), "duplicate key \"b\"");
}

TEST(Json, RefusesTrailingText) { EXPECT_FALSE(parse_json("{} {}").ok()); }

TEST(Json, RefusesDeepNesting) {
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')).ok());
  EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')).ok());
}

TEST(Json, ReplacesInvalidUtf8) {
  EXPECT_EQ(valid_utf8("a\xFFz\xC3\xA9"), "a\xEF\xBF\xBDz\xC3\xA9");
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace ktl
