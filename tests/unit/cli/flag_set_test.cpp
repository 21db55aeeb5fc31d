#include "cli/options/flag_set.h"

#include <gtest/gtest.h>

#include <set>

#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

Manifest manifest(const std::string& id, PluginFlag flag) {
  Manifest made;
  made.id = id;
  made.flags = {std::move(flag)};
  return made;
}

TEST(FlagSet, NamesAndLettersOfTheTableAreUnique) {
  std::set<std::string> names;
  std::set<char> letters;
  for (const Option& option : build_options()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    EXPECT_TRUE(option.letter == 0 || letters.insert(option.letter).second) << option.name;
    EXPECT_EQ(option.built, !option.help.empty()) << option.name;
  }
  EXPECT_GT(names.size(), 90U);
}

TEST(FlagSet, TakesAPromisedNameFromAPlugin) {
  FlagSet flags(build_options());
  ASSERT_FALSE(flags.find("push")->built);
  PluginFlag push{.name = "push", .aliases = {"publish"}, .help = "push"};
  ASSERT_TRUE(flags.contribute(manifest("ktl.export.oci", push)).ok());
  EXPECT_TRUE(flags.find("push")->built);
  EXPECT_EQ(flags.find("publish"), flags.find("push"));
  EXPECT_EQ(flags.find("push")->plugin, "ktl.export.oci");
}

TEST(FlagSet, NamesBothPluginsThatWantOneFlag) {
  FlagSet flags(build_options());
  ASSERT_TRUE(flags.contribute(manifest("a.one", {.name = "oci"})).ok());
  Status status = flags.contribute(manifest("b.two", {.name = "oci"}));
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_EQ(status.message(), "flag --oci belongs to plugin a.one and to plugin b.two");
}

TEST(FlagSet, RefusesAPluginThatTakesKtlsOwnFlag) {
  FlagSet flags(build_options());
  Status status = flags.contribute(manifest("evil", {.name = "x", .aliases = {"tag"}}));
  EXPECT_EQ(status.message(), "flag --tag belongs to ktl itself and to plugin evil");
}

TEST(FlagSet, SuggestsTheNearestFlag) {
  FlagSet flags(build_options());
  Status status = flags.unknown("--tagg");
  EXPECT_EQ(status.message(), "unknown flag --tagg");
  EXPECT_EQ(status.next(), "did you mean --tag?");
  EXPECT_EQ(flags.unknown("--completely-else").next(), "");
}

}  // namespace
}  // namespace ktl::cli
