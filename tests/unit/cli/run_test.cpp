#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "cli/commands/command.h"
#include "cli/commands/help_text.h"
#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Ran {
  int exit;
  std::string out;
  std::string err;
};

Ran ran(const std::vector<std::string>& args, Variables variables = {}) {
  MemoryConsole console;
  Environment environment(std::move(variables));
  int exit = run_program({args, environment, console, "/"});
  return {exit, console.out_text, console.err_text};
}

TEST(Run, SaysItsVersion) {
  EXPECT_THAT(ran({"--version"}).out, StartsWith("ktl "));
  EXPECT_EQ(ran({"version"}).exit, 0);
  EXPECT_THAT(ran({"version", "--json"}).out, HasSubstr("\"abi\": "));
  EXPECT_EQ(ran({"version", "x"}).exit, 2);
}

TEST(Run, SuggestsCommands) {
  Ran typo = ran({"biuld", "."});
  EXPECT_EQ(typo.exit, 2);
  EXPECT_EQ(typo.err, "Error: unknown command biuld\n- next: did you mean \"build\"?\n");
  EXPECT_THAT(ran({"plugin", "lst"}).err, HasSubstr("did you mean \"plugin list\"?"));
  EXPECT_THAT(ran({}).err, HasSubstr("no command was given"));
  EXPECT_THAT(ran({"-x"}).err, HasSubstr("a flag stands before the command"));
}

TEST(Run, SaysWhatIsNotBuiltYet) {
  Ran later = ran({"why"});
  EXPECT_EQ(later.exit, 2);
  EXPECT_THAT(later.err, StartsWith("Error: ktl why: not built yet\n"));
}

TEST(Run, RefusesBadWordsBeforeAnythingElse) {
  Ran newline = ran({"bu\nild"});
  EXPECT_EQ(newline.exit, 2);
  EXPECT_THAT(newline.err, HasSubstr("control character"));
  EXPECT_THAT(ran({"build", "a\nb"}).err, HasSubstr("control character"));
}

TEST(Run, NamesTheVariableThatIsWrong) {
  Ran loud = ran({"build", "."}, {{"KTL_PROGRESS", "loud"}});
  EXPECT_EQ(loud.exit, 2);
  EXPECT_THAT(loud.err, HasSubstr("(from env KTL_PROGRESS)"));
}

TEST(Help, IsMadeFromTheTables) {
  Ran help = ran({"build", "--help"});
  EXPECT_EQ(help.exit, 0);
  EXPECT_EQ(help.out, ran({"help", "build"}).out);
  for (const Option& option : build_options()) {
    if (option.built) {
      EXPECT_THAT(help.out, HasSubstr("--" + option.name));
    }
  }
  EXPECT_THAT(help.out, Not(HasSubstr("--rekor-url")));
  EXPECT_THAT(ran({"help"}).out, HasSubstr("plugin show"));
  EXPECT_THAT(ran({"help", "biuld"}).err, HasSubstr("did you mean"));
}

TEST(Help, LinesFitAHundredColumns) {
  std::string text = command_help(*find_command({"build"}), FlagSet(build_options()));
  for (size_t start = 0; start < text.size();) {
    size_t end = text.find('\n', start);
    EXPECT_LE(end - start, 100U) << text.substr(start, end - start);
    start = end + 1;
  }
}

TEST(Commands, TheLongestNameCounts) {
  EXPECT_EQ(find_command({"plugin", "list", "x"})->name, "plugin list");
  EXPECT_EQ(find_command({"build", "login"})->name, "build login");
  EXPECT_EQ(find_command({"build", "./login"})->name, "build");
  EXPECT_EQ(find_command({"plugin"}), nullptr);
  std::set<std::string> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
  }
}

}  // namespace
}  // namespace ktl::cli
