#include "base/subcommand.h"

#include <gmock/gmock.h>

#include <array>

namespace ktl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::array<SubcommandRow, 3> kCommands = {
    {{"take", "takes", "ONE [TWO]", 1, 2}, {"sleep", "sleeps"}, {"help", "show this"}}};
constexpr std::array<SubcommandOption, 3> kOptions = {{{"size", "SIZE", "take", "how much"},
                                                       {"all", "", "take sleep", "everything"},
                                                       {"help", "", "take sleep help", ""}}};
constexpr SubcommandTable kTable = {"ktl it", "it", kCommands, kOptions};

TEST(Subcommand, ReadsWordsAndOptions) {
  const auto line = parse_subcommand(kTable, {"take", "a", "--size", "3", "b", "--all"});
  ASSERT_TRUE(line.ok()) << line.status().to_string();
  EXPECT_EQ(line->command, "take");
  EXPECT_THAT(line->words, ElementsAre("a", "b"));
  EXPECT_EQ(*line->number("size", 0, 1, 9), 3);
  EXPECT_EQ(line->number("size", 0, 4, 9).status().code(), Code::kInvalidArgument);
  EXPECT_TRUE(line->has("all"));
  for (const auto& words : std::vector<std::vector<std::string>>{{}, {"-h"}, {"take", "--help"}}) {
    EXPECT_EQ(parse_subcommand(kTable, words)->command, "help");
  }
}

TEST(Subcommand, RefusesWhatTheTableHasNot) {
  auto said = [](const std::vector<std::string>& words) {
    const auto line = parse_subcommand(kTable, words);
    return line.ok() ? std::string() : line.status().message() + " " + line.status().next();
  };
  EXPECT_THAT(said({"taek"}), HasSubstr("did you mean \"take\""));
  EXPECT_THAT(said({"take"}), HasSubstr("needs ONE [TWO]"));
  EXPECT_THAT(said({"take", "a", "b", "c"}), HasSubstr("does not take c"));
  EXPECT_THAT(said({"sleep", "a"}), HasSubstr("does not take a"));
  EXPECT_THAT(said({"sleep", "--size=3"}), HasSubstr("does not take --size"));
  EXPECT_THAT(said({"take", "a", "--size"}), HasSubstr("needs a value"));
  EXPECT_THAT(said({"take", "a", "--all=1"}), HasSubstr("takes no value"));
}

TEST(Subcommand, HelpShowsWordsAndOptions) {
  const std::string help = subcommand_help(kTable);
  EXPECT_THAT(help, HasSubstr("take ONE [TWO]  takes"));
  EXPECT_THAT(help, HasSubstr("  sleep       sleeps"));
  EXPECT_THAT(help, HasSubstr("--size SIZE"));
}

}  // namespace
}  // namespace ktl
