#include "builder/jail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ktl::builder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

Site site_of(bool own) {
  return {{"/bin/buildkitd", "/bin/runc", "/bin/nsjail", "/bin/unshare", ""},
          {},
          {"k", "/state/x", "/run/k.sock"},
          {1000000, 2000000, own},
          {}};
}

TEST(Jail, RootInsideIsNeverRootOutside) {
  std::string policy = *jail_policy(site_of(false), {});
  EXPECT_THAT(policy,
              HasSubstr("uidmap { inside_id: \"0\" outside_id: \"1000000\" count: 65536 }"));
  EXPECT_THAT(policy,
              HasSubstr("gidmap { inside_id: \"0\" outside_id: \"2000000\" count: 65536 }"));
  EXPECT_THAT(policy, HasSubstr("clone_newuser: true"));
}

TEST(Jail, AUserIsRootInsideAndTheSubIdsAreTheOthers) {
  std::string policy = *jail_policy(site_of(true), {});
  EXPECT_THAT(policy, HasSubstr("outside_id: \"" + std::to_string(::getuid()) +
                                "\" count: 1 use_newidmap: true }"));
  EXPECT_THAT(policy, HasSubstr("inside_id: \"1\" outside_id: \"1000000\" count: 65535"));
}

TEST(Jail, OnlyTheProfileHostSharesTheNetwork) {
  Site site = site_of(false);
  for (const char* network : {"internet", "none", "allow:example.org"}) {
    site.settings.network = network;
    EXPECT_THAT(*jail_policy(site, {}), HasSubstr("clone_newnet: true")) << network;
  }
  site.settings.network = "host";
  EXPECT_THAT(*jail_policy(site, {}), HasSubstr("clone_newnet: false"));
}

TEST(Jail, NothingButAFewThingsIsWritable) {
  std::string policy = *jail_policy(site_of(false), {});
  EXPECT_THAT(policy, Not(HasSubstr("src: \"/dev\"")));
  EXPECT_THAT(policy, Not(HasSubstr("src: \"/sys\"")));
  EXPECT_THAT(policy, HasSubstr("mount { src: \"/proc/sys\" dst: \"/proc/sys\" is_bind: true }"));
  EXPECT_THAT(policy, HasSubstr("mount { src: \"/usr\" dst: \"/usr\" is_bind: true }"));
}

TEST(Jail, TheEnvironmentIsInThePolicyAndNotOnACommandLine) {
  std::string policy = *jail_policy(site_of(false), {"HTTPS_PROXY=http://me:pw@\"x\""});
  EXPECT_THAT(policy, HasSubstr("envar: \"HTTPS_PROXY=http://me:pw@\\\"x\\\"\""));
}

TEST(Jail, WhatIsFilledInIsNotReadAgain) {
  EXPECT_EQ(*fill_in("a @X@ b @Y@", {{"X", "@Y@"}, {"Y", "y"}}), "a @Y@ b y");
  EXPECT_EQ(fill_in("@NO@", {}).status().code(), Code::kInternal);
  EXPECT_EQ(fill_in("a @", {}).status().code(), Code::kInternal);
}

TEST(Jail, RootStagesWhatTheJailsUsersCouldNotReach) {
  Command command = jail_command(site_of(false), {"/x"});
  EXPECT_EQ(command.argv.front(), "/bin/unshare");
  EXPECT_THAT(command.argv, Contains("/state/x/root"));
  EXPECT_EQ(command.argv.back(), "/x");
  EXPECT_THAT(*jail_policy(site_of(false), {}), Not(HasSubstr("\"/state/x/root\"")));
}

TEST(Jail, AUserNeedsNoStage) {
  Command command = jail_command(site_of(true), {"/x"});
  EXPECT_EQ(command.argv.front(), "/bin/nsjail");
  EXPECT_THAT(*jail_policy(site_of(true), {}), HasSubstr("src: \"/state/x/root\""));
}

TEST(Jail, TheStageHidesNoSource) {
  Site site = site_of(false);
  site.home.state = "/mnt/disk/x";
  EXPECT_THAT(jail_command(site, {"/x"}).argv, Not(Contains("/mnt")));
}

}  // namespace
}  // namespace ktl::builder
