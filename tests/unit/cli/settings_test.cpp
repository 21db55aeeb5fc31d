#include "cli/request/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

using testing::ElementsAre;

Result<Settings> gathered(const std::vector<std::string>& args,
                          std::map<std::string, std::string> environment,
                          const Settings& project = {}, const Settings& above = {}) {
  static const FlagSet flags(build_options());
  KTL_ASSIGN(Parsed parsed, parse_flags(flags, args));
  return gather(flags, parsed, Environment(std::move(environment)),
                {.below = project, .above = above});
}

TEST(Settings, FlagBeatsEnvironmentBeatsProject) {
  Settings project = {{"target", {{"p"}, "ktl.yaml:3:5"}}};
  EXPECT_EQ(gathered({}, {}, project)->at("target").origin, "ktl.yaml:3:5");
  EXPECT_EQ(gathered({}, {{"KTL_TARGET", "e"}}, project)->at("target").origin, "env KTL_TARGET");
  auto all = gathered({"--target", "f"}, {{"KTL_TARGET", "e"}}, project);
  EXPECT_EQ(all->at("target").origin, "flag");
  EXPECT_THAT(all->at("target").words, ElementsAre("f"));
}

TEST(Settings, ListsReplaceAndMapsMerge) {
  Settings project = {{"tag", {{"p"}, "ktl.yaml:1:1"}}, {"build-arg", {{"A=p"}, "ktl.yaml:2:1"}}};
  auto all = gathered({"-t", "f", "--build-arg", "B=f"}, {{"KTL_BUILD_ARG", "A=e\nC=e"}}, project);
  ASSERT_TRUE(all.ok());
  EXPECT_THAT(all->at("tag").words, ElementsAre("f"));
  EXPECT_THAT(all->at("build-arg").words, ElementsAre("A=p", "A=e", "C=e", "B=f"));
  EXPECT_THAT(all->at("build-arg").origins,
              ElementsAre("ktl.yaml:2:1", "env KTL_BUILD_ARG", "env KTL_BUILD_ARG", "flag"));
}

TEST(Settings, WhatIsAboveBeatsFlags) {
  auto all = gathered({"--target", "f"}, {}, {}, {{"target", {{"s"}, "flag --set a.target"}}});
  EXPECT_THAT(all->at("target").words, ElementsAre("s"));
  EXPECT_EQ(all->at("target").origin, "flag --set a.target");
}

TEST(Settings, FlagsOfOneResultCountOnlyWhereTheyAreMeant) {
  FlagSet flags(build_options());
  auto parsed = parse_flags(flags, {"-t", "f", "--pull"});
  Environment environment(Variables{{"KTL_TARGET", "e"}});
  auto all = gather(flags, *parsed, environment, {.for_one_result = false});
  ASSERT_TRUE(all.ok());
  EXPECT_FALSE(all->contains("tag"));
  EXPECT_FALSE(all->contains("target"));
  EXPECT_TRUE(all->contains("pull"));
}

TEST(Settings, NamesTheOriginOfAnInvalidValue) {
  EXPECT_EQ(gathered({}, {{"KTL_PROGRESS", "loud"}}).status().message(),
            "invalid value \"loud\" for --progress (from env KTL_PROGRESS): one of auto, tty, "
            "plain, quiet, rawjson");
  EXPECT_EQ(gathered({}, {{"KTL_NO_CACHE", "perhaps"}}).status().message(),
            "invalid value \"perhaps\" for --no-cache (from env KTL_NO_CACHE): true or false");
  Settings project = {{"network", {{"x"}, "ktl.yaml:4:3"}}};
  EXPECT_EQ(gathered({}, {}, project).status().message(),
            "invalid value \"x\" for --network (from ktl.yaml:4:3): one of default, none, host");
}

TEST(Settings, RefusesAVariableOfAFlagThatIsNotBuilt) {
  EXPECT_EQ(gathered({}, {{"KTL_SBOM", "true"}}).status().message(),
            "KTL_SBOM sets --sbom: not built yet");
  EXPECT_TRUE(gathered({}, {{"KTL_SBOM", ""}}).ok());
}

TEST(Settings, ReadsSingleValues) {
  auto all = gathered({"--target", "a", "--target", "b", "-q"}, {});
  EXPECT_EQ(word_of(*all, "target"), "b");
  EXPECT_EQ(word_of(*all, "builder", "auto"), "auto");
  EXPECT_TRUE(flag_of(*all, "quiet"));
  EXPECT_FALSE(flag_of(*all, "pull"));
}

}  // namespace
}  // namespace ktl::cli
