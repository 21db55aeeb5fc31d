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
  EXPECT_TRUE(is_utf8("a\xC3\xA9"));
  EXPECT_FALSE(is_utf8("a\xE2\x82"));
  EXPECT_EQ(valid_utf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

// What would hand out a view into a temporary does not compile.
template <class T>
concept GivesViews = requires(T&& document) {
  text_of(std::forward<T>(document), "key");
  field_of(std::forward<T>(document), "key");
};
static_assert(GivesViews<const json::object&> && GivesViews<const json::value&>);
static_assert(!GivesViews<json::object> && !GivesViews<json::value> && !GivesViews<json::array&>);

TEST(Json, FieldsOfAnObjectAreNotCopied) {
  const json::object object{{"key", std::string(100, 'x')}, {"number", 7}};
  EXPECT_EQ(text_of(object, "key").data(), object.at("key").get_string().data());
  EXPECT_EQ(field_of(object, "number"), &object.at("number"));
  EXPECT_EQ(int_of(object, "number"), 7);
  EXPECT_EQ(text_of(object, "number", "none"), "none");
}

}  // namespace
}  // namespace ktl
