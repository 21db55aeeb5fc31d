#include "dockerfile/directives.h"

#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

std::string syntax(std::string_view text) {
  const auto found = detect_syntax(text);
  return found.has_value() ? found->value + "@" + std::to_string(found->line) : "none";
}

TEST(DetectSyntax, ReadsEveryForm) {
  EXPECT_EQ(syntax("# syntax=a/b:1\nFROM x\n"), "a/b:1@1");
  EXPECT_EQ(syntax("\xEF\xBB\xBF#syntax = a/b rest of line \r\n"), "a/b@1");
  EXPECT_EQ(syntax("# escape=`\n# SYNTAX=a\n"), "a@2");
  EXPECT_EQ(syntax("#!/usr/bin/env x\n// syntax=a\n"), "a@2");
  EXPECT_EQ(syntax("{\"syntax\": \"a/b\", \"x\": 1}"), "a/b@0");
}

TEST(DetectSyntax, EndsAtTheFirstOtherLine) {
  EXPECT_EQ(syntax("# a comment\n# syntax=a\n"), "none");
  EXPECT_EQ(syntax("\n# syntax=a\n"), "none");
  EXPECT_EQ(syntax(" # syntax=a\n"), "none");
  EXPECT_EQ(syntax("{\"syntax\": 1}"), "none");
  EXPECT_EQ(syntax("#!"), "none");
  EXPECT_EQ(syntax(""), "none");
}

TEST(DirectiveReader, TakesBlanksForAValueWhenThereIsNothingElse) {
  DirectiveReader reader;
  const auto directive = reader.read("# escape=  ", 1);
  ASSERT_TRUE(directive.ok() && directive->has_value());
  EXPECT_EQ((*directive)->value, " ");
}

TEST(DirectiveReader, StopsForGood) {
  DirectiveReader reader;
  EXPECT_FALSE(reader.read("# color=red", 1)->has_value());
  EXPECT_TRUE(reader.done());
  EXPECT_FALSE(reader.read("# syntax=a", 2)->has_value());
}

}  // namespace
}  // namespace ktl::dockerfile
