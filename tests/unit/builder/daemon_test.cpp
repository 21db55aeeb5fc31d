#include "builder/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

const Home kHome{"k", "/a \"b\"", "/r/k.sock"};
const Programs kPrograms{"/bin/buildkitd", "/bin/runc", "/bin/nsjail", "/bin/unshare",
                         "/bin/slirp"};
const Site kRoot{kPrograms, {}, kHome, {1000000, 2000000, false}, {}};

Site with_network(const std::string& network) {
  Site site = kRoot;
  site.settings.network = network;
  return site;
}

std::string shell(const char* name) {
  return std::string(name) == "PATH" ? "/bin" : std::string(name) == "HOME" ? "/h" : "";
}

TEST(Daemon, ConfigNamesThePathsOfTheJail) {
  std::string config = daemon_config(kRoot);
  EXPECT_THAT(config, HasSubstr("root = \"/var/lib/buildkit\"\n"));
  EXPECT_THAT(config, HasSubstr("binary = \"/opt/ktl/runc\"\n"));
  EXPECT_THAT(config, HasSubstr("address = [\"unix:///run/ktl-k/buildkitd.sock\"]\n"));
  EXPECT_THAT(config, Not(HasSubstr("/a ")));
}

TEST(Daemon, StepsGetNoEntitlementButWithTheHostsNetwork) {
  EXPECT_THAT(daemon_config(kRoot), HasSubstr("insecure-entitlements = []\n"));
  EXPECT_THAT(daemon_config(kRoot), HasSubstr("noProcessSandbox = false\n"));
  EXPECT_THAT(daemon_config(with_network("host")),
              HasSubstr("insecure-entitlements = [\"network.host\"]\n"));
}

TEST(Daemon, ARegistrysAuthorityIsWhereTheJailShowsIt) {
  Site site = kRoot;
  oci::RegistryRule rule;
  rule.host = "example.org";
  rule.ca = "/home/me/ca.pem";
  site.settings.registries = {rule};
  ASSERT_EQ(authorities_of(site).size(), 1U);
  EXPECT_EQ(authorities_of(site)[0].file, "/home/me/ca.pem");
  EXPECT_THAT(daemon_config(site), HasSubstr("ca = [\"/etc/ktl-k/authority-0\"]"));
}

TEST(Daemon, TheDiskLimitsAreTheUsers) {
  Site site = kRoot;
  site.settings.keep_storage = "7GB";
  site.settings.min_free = "3%";
  EXPECT_THAT(daemon_config(site), HasSubstr("maxUsedSpace = \"7GB\"\nminFreeSpace = \"3%\"\n"));
  EXPECT_NE(config_digest(site), config_digest(kRoot));
}

TEST(Daemon, AnotherProgramIsAnotherConfiguration) {
  Site one = kRoot;
  Site other = kRoot;
  one.programs.buildkitd = "/bin/true";
  other.programs.buildkitd = "/bin/false";
  EXPECT_NE(config_digest(one), config_digest(other));
  EXPECT_EQ(config_digest(one), config_digest(one));
  EXPECT_EQ(program_identity("/nowhere/buildkitd"), "");
}

TEST(Daemon, AnotherJailIsAnotherConfiguration) {
  Site other = kRoot;
  other.ids.uid += kSlotIds;
  EXPECT_NE(config_digest(kRoot), config_digest(other));
  EXPECT_NE(config_digest(kRoot), config_digest(with_network("host")));
}

TEST(Daemon, EnvironmentIsAnAllowlist) {
  auto env = daemon_environment(kRoot, [](const char* name) {
    return std::string(name) == "AWS_SECRET_ACCESS_KEY" ? "leak"
           : std::string(name) == "HTTPS_PROXY"         ? "http://proxy:1"
                                                        : shell(name);
  });
  EXPECT_THAT(env, Contains("HTTPS_PROXY=http://proxy:1"));
  EXPECT_THAT(env, Contains("HOME=/run"));
  EXPECT_THAT(env, Not(Contains(HasSubstr("leak"))));
}

TEST(Daemon, TheGateIsTheProxyOfAnAllowlist) {
  auto proxy = [](const char* name) {
    return std::string(name) == "HTTPS_PROXY" ? std::string("http://proxy:1") : shell(name);
  };
  EXPECT_THAT(daemon_environment(with_network("allow:example.org"), proxy),
              Contains("HTTPS_PROXY=http://127.0.0.1:3128"));
  EXPECT_THAT(daemon_environment(with_network("none"), proxy), Not(Contains(HasSubstr("PROXY"))));
}

TEST(Daemon, ItDiesWithTheJailAndIsFoundByItsLastWords) {
  std::vector<std::string> argv = daemon_argv(kRoot);
  EXPECT_THAT(argv, IsSupersetOf({"--pdeathsig", "KILL", "/opt/ktl/buildkitd"}));
  EXPECT_EQ(argv[argv.size() - 2], "--config");
  EXPECT_EQ(argv.back(), "/etc/ktl-k/buildkitd.toml");
}

TEST(Daemon, MissingDaemonSaysWhatToDo) {
  auto programs = find_programs("/nowhere/bin/ktl", [](const char* name) {
    return std::string(name) == "KTL_BUILDKITD" ? "/nowhere/x" : "";
  });
  EXPECT_EQ(programs.status().code(), Code::kUnavailable);
  EXPECT_THAT(programs.status().message(), HasSubstr("/nowhere/x"));
  EXPECT_THAT(programs.status().next(), StartsWith("unset KTL_BUILDKITD"));
}

TEST(Daemon, MissingJailSaysWhatToDo) {
  auto programs = find_programs("/nowhere/bin/ktl", [](const char* name) {
    return std::string(name) == "KTL_BUILDKITD" ? "/bin/true"
           : std::string(name) == "KTL_NSJAIL"  ? "/nowhere/x"
                                                : "";
  });
  EXPECT_EQ(programs.status().code(), Code::kUnavailable);
  EXPECT_THAT(programs.status().message(), HasSubstr("/nowhere/x"));
  EXPECT_THAT(programs.status().next(), StartsWith("unset KTL_NSJAIL"));
}

}  // namespace
}  // namespace ktl::builder
