#include "yaml/yaml.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

json::value value_of(std::string_view text) {
  auto document = parse_yaml(text, "f");
  EXPECT_TRUE(document.ok()) << document.status().to_string();
  return document.ok() ? document->value : json::value();
}

std::string refusal(std::string_view text) {
  auto document = parse_yaml(text, "f");
  return document.ok() ? "accepted" : document.status().to_string();
}

TEST(Yaml, BecomesJson) {
  EXPECT_EQ(value_of("a: [1, x]\nb:\n  - c: 'd'\n  - |\n    text\n"),
            *parse_json(R"({"a":[1,"x"],"b":[{"c":"d"},"text\n"]})"));
  EXPECT_TRUE(value_of("").is_null());
  EXPECT_TRUE(value_of("# only a comment\n").is_null());
  EXPECT_EQ(value_of("---\n{}\n...\n"), json::value(json::object()));
}

// https://yaml.org/spec/1.2.2/#103-core-schema, and what YAML 1.1 made of the same words.
TEST(Yaml, ScalarsFollowTheCoreSchema) {
  struct Case {
    const char* yaml;
    const char* json;
  };
  const Case cases[] = {{"off", "\"off\""},   {"yes", "\"yes\""},
                        {"NO", "\"NO\""},     {"010", "10"},
                        {"0o17", "15"},       {"0x1F", "31"},
                        {"1:30", "\"1:30\""}, {"1_000", "\"1_000\""},
                        {"true", "true"},     {"False", "false"},
                        {"~", "null"},        {"NULL", "null"},
                        {"-12", "-12"},       {"+3", "3"},
                        {"1.10", "1.1"},      {"'1.10'", "\"1.10\""},
                        {"1e3", "1000.0"},    {".5", "0.5"},
                        {"1.", "1.0"},        {"1.2.3", "\"1.2.3\""},
                        {"e5", "\"e5\""},     {"2026-11-23", "\"2026-11-23\""},
                        {"0b1", "\"0b1\""},   {".", "\".\""},
                        {"-", "[null]"},      {"\"true\"", "\"true\""}};
  for (const auto& c : cases) {
    EXPECT_EQ(value_of(c.yaml), *parse_json(c.json)) << c.yaml;
  }
}

TEST(Yaml, RefusesWhatTwoReadersReadDifferently) {
  EXPECT_EQ(refusal("a: 1\nb: 2\na: 3\n"), "f:3:1: the key \"a\" is there twice, first in line 1");
  EXPECT_EQ(refusal("a: &x 1\n"), "f:1:4: anchors are not allowed");
  EXPECT_EQ(refusal("a: *x\n"), "f:1:4: aliases are not allowed");
  EXPECT_EQ(refusal("a:\n  <<: {b: 1}\n"), "f:2:3: merge keys are not allowed");
  EXPECT_EQ(refusal("a: !!str 1\n"), "f:1:4: tags are not allowed");
  EXPECT_EQ(refusal("a: !<x> {}\n"), "f:1:4: tags are not allowed");
  EXPECT_EQ(refusal("a: ! 1\n"), "f:1:4: tags are not allowed");
  EXPECT_EQ(refusal("a: 1\n---\nb: 2\n"), "f:2:1: only one document is allowed in a file");
  EXPECT_EQ(refusal("%YAML 1.1\n---\na: 1\n"), "f:1:1: directives are not allowed");
  EXPECT_EQ(refusal("? [a]\n: 1\n"), "f:1:3: a key must be text");
  EXPECT_EQ(refusal("1: a\n"), "f:1:1: the key \"1\" is not text: put quotes around it");
  EXPECT_EQ(refusal("true: a\n"), "f:1:1: the key \"true\" is not text: put quotes around it");
  EXPECT_EQ(value_of("'1': a\n"), *parse_json(R"({"1":"a"})"));
}

TEST(Yaml, RefusesNumbersThatWouldChange) {
  EXPECT_EQ(refusal("a: 9223372036854775808\n"),
            "f:1:4: the number 9223372036854775808 does not fit into 64 bits\n"
            "  put quotes around it if it is text");
  EXPECT_EQ(refusal("[.inf]"),
            "f:1:2: .inf is no number that JSON can hold\n"
            "  put quotes around it if it is text");
  EXPECT_NE(refusal("1e999"), "accepted");
}

TEST(Yaml, IsBounded) {
  EXPECT_EQ(refusal(std::string(40, '[') + std::string(40, ']')), "f:1:34: more than 32 levels");
  EXPECT_EQ(refusal(std::string((1U << 20U) + 1, 'a')), "f: more than 1 MiB of YAML");
  EXPECT_EQ(refusal("a: [1\n").substr(0, 16), "f:2:1: not YAML:");
  EXPECT_NE(refusal("a: \xFF\n"), "accepted");
  EXPECT_NE(refusal(std::string("\xFE\xFF\0a", 4)), "accepted");
}

// Each value has its path: a long key around a long list would be gigabytes.
TEST(Yaml, ItsPathsAreBounded) {
  std::string bomb = "? " + std::string(500'000, 'k') + "\n: [";
  for (int i = 0; i < 200'000; ++i) {
    bomb += "1,";
  }
  EXPECT_NE(refusal(bomb + "]\n").find("too many values below too long keys"), std::string::npos);
}

TEST(Yaml, KnowsWhereEverythingStands) {
  auto document = parse_yaml("a:\n  b/c: 1\n  d:\n    - 2\n    - e: 3\n", "f");
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->locate("f", "/a"), "f:1:1");
  EXPECT_EQ(document->locate("f", "/a/b~1c"), "f:2:3");
  EXPECT_EQ(document->locate("f", "/a/d/0"), "f:4:7");
  EXPECT_EQ(document->locate("f", "/a/d/1/e"), "f:5:7");
  EXPECT_EQ(document->locate("f", "/a/d/1/e/not/there"), "f:5:7");
  EXPECT_EQ(document->locate("f", "/not"), "f:1:1");
}

}  // namespace
}  // namespace ktl
