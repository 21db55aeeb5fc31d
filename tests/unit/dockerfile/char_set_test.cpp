#include "dockerfile/char_set.h"

#include <gtest/gtest.h>

#include <string>

namespace ktl::dockerfile {
namespace {

// The members of `expression` among `candidates`, "!" and the reason when it is none.
std::string members(std::string_view expression, std::string_view candidates) {
  auto set = parse_class(expression);
  if (!set.ok()) {
    return "! " + set.status().message();
  }
  std::string out;
  for (const char c : candidates) {
    out += set->has(static_cast<char32_t>(c)) ? std::string(1, c) : "";
  }
  return out + std::string(expression);
}

TEST(CharSet, ReadsRangesNamesAndEscapes) {
  EXPECT_EQ(members("[a-c]rest", "abcd"), "abcrest");
  EXPECT_EQ(members("[^a-c]", "abcd]"), "d]");
  EXPECT_EQ(members("[]a]", "]a["), "]a");
  EXPECT_EQ(members("[a-]", "a-b"), "a-");
  EXPECT_EQ(members(R"([\]\-])", "]-\\"), "]-");
  EXPECT_EQ(members("[[:digit:]x]", "5x:"), "5x");
  EXPECT_EQ(members("[[:^digit:]]", "5x:"), "x:");
  EXPECT_EQ(members(R"([\d_])", "5_a"), "5_");
  EXPECT_EQ(members(R"([^\D])", "5_a"), "5");
  EXPECT_EQ(members(R"([\W\s])", "a .\t\n"), " .\t\n");
  EXPECT_EQ(members(R"([\x41\x{42}\103\t])", "ABC\tx"), "ABC\t");
}

TEST(CharSet, SaysWhatIsWrong) {
  EXPECT_EQ(members("[abc", ""), "! \"[\" without its \"]\"");
  EXPECT_EQ(members("[z-a]", ""), "! a range in \"[...]\" runs backwards");
  EXPECT_EQ(members("[[:nope:]]", ""), "! there is no class [:nope:]");
  EXPECT_EQ(members(R"([\k])", ""), "! \"\\k\" does not escape anything");
  EXPECT_EQ(members(R"([\8])", ""), "! \"\\8\" does not escape anything");
  EXPECT_EQ(members(R"([\x{110000}])", ""), "! bad number in an escape");
}

}  // namespace
}  // namespace ktl::dockerfile
