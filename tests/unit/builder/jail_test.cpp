#include "builder/jail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

namespace ktl::builder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
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
  const auto argv = jail_command(site_of(true), {"/x"})->argv;
  for (const char* word :
       {"--map-root-user", "--map-users=1000000,1,65535", "--map-groups=2000000,1,65535"}) {
    EXPECT_THAT(argv, Contains(word));
  }
  std::string policy = *jail_policy(site_of(true), {});  // in that user namespace
  for (const char* line : {"uidmap { inside_id: \"0\" outside_id: \"0\" count: 1 }",
                           "gidmap { inside_id: \"1\" outside_id: \"1\" count: 65535 }"}) {
    EXPECT_THAT(policy, HasSubstr(line));
  }
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

TEST(Jail, WhatTheJailsUsersCouldNotReachIsStaged) {
  for (const bool own : {false, true}) {
    Command command = *jail_command(site_of(own), {"/x"});
    EXPECT_EQ(command.argv.front(), "/bin/unshare");
    EXPECT_THAT(command.argv, Contains("/state/x/root"));
    EXPECT_EQ(command.argv.back(), "/x");
    EXPECT_THAT(*jail_policy(site_of(own), {}), Not(HasSubstr("\"/state/x/root\"")));
  }
  EXPECT_THAT(jail_command(site_of(false), {"/x"})->argv, Not(Contains("--map-root-user")));
}

// What the script is told to do with `path`.
std::string options_of(const std::vector<std::string>& argv, const std::string& path) {
  auto at = std::ranges::find(argv, path);
  return at == argv.end() ? "" : *(at + 2);
}

TEST(Jail, WhatNobodyIsToWriteIsLockedOnTheStage) {
  const auto argv = jail_command(site_of(false), {"/x"})->argv;
  for (const char* path : {"/usr", "/state/x/buildkitd.toml", "/bin/buildkitd", "/bin/runc"}) {
    EXPECT_THAT(options_of(argv, path), MatchesRegex("rbind,.*ro")) << path;
  }
  for (const char* path : {"/state/x/root", "/run/k.sock.d"}) {
    EXPECT_EQ(options_of(argv, path), "rbind") << path;
  }
}

// A line that is added to the policy is either staged or locked where it is.
TEST(Jail, NoReadOnlyBindIsLeftOut) {
  const auto argv = jail_command(site_of(false), {"/x"})->argv;
  std::istringstream lines(*jail_policy(site_of(false), {}));
  size_t seen = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("mount { src: \"/") ||
        line.find("is_bind: true }") == std::string::npos ||
        line.starts_with("mount { src: \"/proc/sys\"")) {
      continue;
    }
    const std::string source = line.substr(14, line.find('"', 14) - 14);
    std::error_code error;
    const auto real = std::filesystem::canonical(source, error).native();
    const bool locked = std::ranges::any_of(argv, [&](const std::string& word) {
      return source == word || (!error && (real + "/").starts_with(word + "/"));
    });
    EXPECT_TRUE(locked) << line;
    ++seen;
  }
  EXPECT_GE(seen, 7U);
}

TEST(Jail, TheStageHidesNoSource) {
  Site site = site_of(false);
  site.home.state = "/mnt/disk/x";
  EXPECT_THAT(jail_command(site, {"/x"})->argv, Not(Contains("/mnt")));
}

}  // namespace
}  // namespace ktl::builder
