#include "core/document/validate.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

constexpr const char* kSchema = R"({
  "type": "object", "additionalProperties": false, "required": ["id"],
  "properties": {
    "id": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 64},
    "mode": {"enum": ["warn", "block"], "default": "warn"},
    "port": {"type": ["integer", "null"], "minimum": 1},
    "limits": {"type": "object", "additionalProperties": false, "default": {},
               "properties": {"size": {"type": "integer", "default": 7}}},
    "tree": {"$ref": "#/definitions/tree"},
    "any": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["x"]}]},
    "list": {"type": "array", "items": {"$ref": "#/definitions/tree"}, "maxItems": 2}
  },
  "definitions": {
    "tree": {"type": "object", "additionalProperties": false,
             "properties": {"leaf": {"type": "boolean", "default": true},
                            "next": {"$ref": "#/definitions/tree"}}}
  }
})";

class ValidateTest : public testing::Test {
 protected:
  std::vector<Fault> check(std::string_view text) {
    auto document = parse_json(text);
    EXPECT_TRUE(document.ok()) << text;
    return schema_.check(*document);
  }
  // The only fault, as "path: message | next".
  std::string fault(std::string_view text) {
    auto faults = check(text);
    EXPECT_EQ(faults.size(), 1U) << text;
    if (faults.empty()) {
      return "";
    }
    const Fault& f = faults.front();
    return f.path + ": " + f.message + (f.next.empty() ? "" : " | " + f.next);
  }
  Schema schema_ = *Schema::compile(std::string_view(kSchema));
};

TEST_F(ValidateTest, AcceptsWhatTheSchemaSays) {
  EXPECT_TRUE(check(R"({"id":"a","mode":"block","port":null,"any":"x",
                        "tree":{"next":{"next":{"leaf":false}}},"list":[{},{}]})")
                  .empty());
}

TEST_F(ValidateTest, NamesThePathAndTheExpectation) {
  EXPECT_EQ(fault(R"({"id":7})"), "/id: must be text, not a number");
  EXPECT_EQ(fault(R"({"id":"A"})"), "/id: must match \"^[a-z]+$\"");
  EXPECT_EQ(fault(R"({"id":"a","port":0})"), "/port: must be at least 1");
  EXPECT_EQ(fault(R"({"id":"a","port":"x"})"),
            "/port: must be a whole number or nothing, not text");
  EXPECT_EQ(fault(R"({"id":"a","list":[{},{},{}]})"), "/list: must have at most 2 elements");
  EXPECT_EQ(fault(R"({"id":"a","list":[{},{"leaf":1}]})"),
            "/list/1/leaf: must be true or false, not a number");
  EXPECT_EQ(fault(R"({"id":"a","any":{"y":1}})"), "/any: has none of the forms allowed here");
  EXPECT_EQ(fault(R"({})"), ": \"id\" is missing");
}

TEST_F(ValidateTest, SuggestsTheNearestKeyAndValue) {
  EXPECT_EQ(fault(R"({"id":"a","moed":"warn"})"),
            "/moed: unknown key \"moed\" | did you mean \"mode\"?");
  EXPECT_EQ(fault(R"({"id":"a","mode":"blok"})"),
            "/mode: must be one of \"warn\" or \"block\" | did you mean \"block\"?");
  EXPECT_EQ(fault(R"({"id":"a","tree":{"next":{"a/b":1}}})"),
            "/tree/next/a~1b: unknown key \"a/b\"");
}

TEST_F(ValidateTest, FillsDefaultsAtAnyDepth) {
  auto document = parse_json(R"({"id":"a","tree":{"next":{}}})");
  auto filled = schema_.with_defaults(*document);
  EXPECT_EQ(*parse_json(R"({"id":"a","tree":{"leaf":true,"next":{"leaf":true}},"mode":"warn",
                            "limits":{"size":7}})"),
            filled);
}

TEST_F(ValidateTest, NamesTextThatIsNone) {
  const std::string cut = "a\xF0\x9E";
  EXPECT_EQ(schema_.check({{"name", cut}}).at(0).path, "/name");
  EXPECT_EQ(schema_.check(json::object{{cut, 1}}).at(0).message, "is not UTF-8");
  EXPECT_EQ(schema_.check({{"more", json::array{1, {{"b/c", cut}}}}}).at(0).path, "/more/1/b~1c");
}

TEST_F(ValidateTest, LongTextsCostNoStack) {
  std::string long_text(8U << 20U, 'a');
  EXPECT_EQ(fault(R"({"id":")" + long_text + "\"}"), "/id: must have at most 64 characters");
}

TEST_F(ValidateTest, ManyFaultsAreBounded) {
  std::string many = R"({"id":"a")";
  for (int i = 0; i < 500; ++i) {
    many += ",\"k" + std::to_string(i) + "\":1";
  }
  EXPECT_EQ(check(many + "}").size(), 10U);
  std::string flood = R"({"id":"a","list":[1)";
  for (int i = 0; i < 100'000; ++i) {
    flood += ",1";
  }
  EXPECT_EQ(fault(flood + "]}"), ": does not follow its schema");
}

TEST_F(ValidateTest, StatusSaysWhereAndWhatNext) {
  auto status =
      schema_.validate(*parse_json(R"({"id":"a","moed":1})"), "config",
                       [](std::string_view path) { return "ktl.yaml:4:7" + std::string(path); });
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.to_string(),
            "ktl.yaml:4:7/moed: config/moed: unknown key \"moed\"\n  did you mean \"mode\"?");
}

std::string refusal(std::string_view schema) {
  auto compiled = Schema::compile(schema);
  return compiled.ok() ? "accepted" : compiled.status().message();
}

TEST(SchemaRules, AreAClosedList) {
  EXPECT_EQ(refusal(R"({"properties":{"a":{"format":"uri"}}})"),
            "schema /properties/a/format: is not among the keywords that ktl knows");
  EXPECT_EQ(refusal(R"({"if":true})"), "schema /if: is not among the keywords that ktl knows");
}

TEST(SchemaRules, RefuseReferencesToElsewhereAndCircles) {
  const char* rule = "must name a schema below #/definitions/ that is not itself a $ref";
  EXPECT_EQ(refusal(R"({"$ref":"http://127.0.0.1/x"})"), std::string("schema /$ref: ") + rule);
  EXPECT_EQ(refusal(R"({"$ref":"#/definitions/a"})"), std::string("schema /$ref: ") + rule);
  EXPECT_EQ(refusal(R"({"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/a"}}})"),
            std::string("schema /$ref: ") + rule);
}

TEST(SchemaRules, RefuseWhatWouldCostTooMuch) {
  EXPECT_EQ(refusal(R"({"maxLength":1025})"),
            "schema /maxLength: must be a number of at most 1024");
  EXPECT_EQ(refusal(R"({"pattern":"("})"),
            "schema /pattern: is not a regular expression (ECMAScript)");
  std::string deep;
  for (int i = 0; i < 40; ++i) {
    deep += R"({"not":)";
  }
  EXPECT_NE(refusal(deep + "{}" + std::string(40, '}')).find("too large"), std::string::npos);
  EXPECT_EQ(refusal(R"({"type":7})").substr(0, 8), "schema: ");
}

}  // namespace
}  // namespace ktl
