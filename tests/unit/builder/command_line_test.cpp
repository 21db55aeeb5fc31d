#include "builder/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CommandLine, ReadsValuesInBothForms) {
  auto line = parse_command_line({"prune", "--filter", "a", "--filter=b", "--all"});
  ASSERT_TRUE(line.ok());
  EXPECT_EQ(line->command, "prune");
  EXPECT_THAT(line->texts("filter"), ElementsAre("a", "b"));
  EXPECT_TRUE(line->has("all"));
  EXPECT_EQ(line->text("trust", "default"), "default");
}

TEST(CommandLine, NothingAndHelpAreHelp) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--help"}, {"-h"}, {"help"}, {"stop", "--help"}}) {
    EXPECT_EQ(parse_command_line(words)->command, "help");
  }
}

TEST(CommandLine, FaultsAreUsage) {
  for (const std::vector<std::string>& words : {std::vector<std::string>{"bogus"},
                                                {"stop", "now"},
                                                {"ls", "--force"},
                                                {"stop", "--timeout"},
                                                {"stop", "--force=yes"},
                                                {"supervise", "--idel", "5"}}) {
    EXPECT_EQ(parse_command_line(words).status().code(), Code::kInvalidArgument) << words.back();
  }
}

TEST(CommandLine, MistypedWordsGetASuggestion) {
  EXPECT_THAT(parse_command_line({"inspct"}).status().next(), HasSubstr("inspect"));
  EXPECT_THAT(parse_command_line({"stop", "--forse"}).status().next(), HasSubstr("--force"));
}

TEST(CommandLine, NumbersHaveBounds) {
  auto line = parse_command_line({"stop", "--timeout", "5x"});
  EXPECT_EQ(line->number("timeout", 1, 0, 10).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(*line->number("absent", 7, 0, 10), 7);
  EXPECT_EQ(*parse_command_line({"stop", "--timeout=10"})->number("timeout", 1, 0, 10), 10);
  EXPECT_FALSE(parse_command_line({"stop", "--timeout=11"})->number("timeout", 1, 0, 10).ok());
}

TEST(CommandLine, TheHelpHidesWhatIsForKtlItself) {
  EXPECT_THAT(command_help(), HasSubstr("--keep-storage SIZE"));
  EXPECT_EQ(command_help().find("ready-fd"), std::string::npos);
}

}  // namespace
}  // namespace ktl::builder
