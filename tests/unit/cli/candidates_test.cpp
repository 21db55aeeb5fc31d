#include "cli/commands/candidates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using Words = std::vector<std::string>;
using Paths = Candidates::Paths;

Offer some_offer() {
  return {.commands = {{"builder", "the private builder"}},
          .build_flags =
              {{.name = "file", .letter = 'f', .value = Value::kRequired, .shape = Shape::kPath},
               {.name = "tag", .letter = 't', .value = Value::kRequired, .shape = Shape::kWords},
               {.name = "progress",
                .value = Value::kRequired,
                .shape = Shape::kText,
                .help = "how",
                .choices = {"auto", "plain"}},
               {.name = "push", .aliases = {"publish"}, .plugin = "x"},
               {.name = "planned", .built = false}},
          .plugins = {"ktl.a", "ktl.b"},
          .targets = {"api", "$(rm -rf ~)", "web;x"}};
}

std::vector<std::string> after(const Words& words, Paths* paths = nullptr) {
  Candidates found = candidates(words, some_offer());
  if (paths != nullptr) {
    *paths = found.paths;
  }
  std::vector<std::string> list;
  for (const Candidate& each : found.words) {
    list.push_back(each.word);
  }
  return list;
}

TEST(Candidates, Commands) {
  EXPECT_THAT(after({""}), Contains("build"));
  EXPECT_THAT(after({""}), Not(Contains("__complete")));
  EXPECT_THAT(after({"bu"}), ElementsAre("build", "builder"));
  EXPECT_THAT(after({"plugin", "s"}), ElementsAre("show"));
  EXPECT_THAT(after({"plugin", "show", ""}), ElementsAre("ktl.a", "ktl.b"));
  EXPECT_THAT(after({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(after({"help", "vers"}), ElementsAre("version"));
}

TEST(Candidates, FlagsAndTheirValues) {
  Paths paths = Paths::kNone;
  EXPECT_THAT(after({"build", "--p"}), ElementsAre("--progress", "--push"));
  EXPECT_THAT(after({"build", "--push", "--p"}), ElementsAre("--progress"));
  EXPECT_THAT(after({"build", "--tag", "x", "--ta"}), ElementsAre("--tag"));
  EXPECT_THAT(after({"build", "--progress", ""}), ElementsAre("auto", "plain"));
  EXPECT_THAT(after({"build", "--progress=p"}), ElementsAre("--progress=plain"));
  EXPECT_THAT(after({"build", "--publish="}), ElementsAre("--publish=false", "--publish=true"));
  EXPECT_THAT(after({"build", "-f", ""}, &paths), IsEmpty());
  EXPECT_EQ(paths, Paths::kFiles);
  EXPECT_THAT(after({"build", "--no-such="}, &paths), IsEmpty());
  EXPECT_EQ(paths, Paths::kNone);
}

TEST(Candidates, TargetsAndFoldersButNothingAShellWouldRun) {
  Paths paths = Paths::kNone;
  auto found = after({"build", "--push", ""}, &paths);
  EXPECT_THAT(found, ElementsAre("api"));
  EXPECT_EQ(paths, Paths::kFolders);
}

TEST(Candidates, OfAPluginsCommandTheShellKnowsFilesOnly) {
  Paths paths = Paths::kNone;
  EXPECT_THAT(after({"builder", ""}, &paths), IsEmpty());
  EXPECT_EQ(paths, Paths::kFiles);
  EXPECT_THAT(after({}), IsEmpty());
}

}  // namespace
}  // namespace ktl::cli
