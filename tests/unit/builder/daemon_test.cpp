#include "builder/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

namespace ktl::builder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

const Home kHome{"k", "/a \"b\"", "/r/k.sock"};
const Site kRoot{{"/bin/buildkitd", "/bin/runc", "", "/bin/unshare"}, {}, kHome};
const Site kUser{{"/bin/buildkitd", "/bin/runc", "/bin/rootlesskit", ""}, {}, kHome};

std::string shell(const char* name) {
  return std::string(name) == "PATH" ? "/bin" : std::string(name) == "HOME" ? "/h" : "";
}

TEST(Daemon, ConfigQuotesPathsAndNamesTheRuntime) {
  std::string config = daemon_config(kRoot);
  EXPECT_THAT(config, HasSubstr("root = \"/a \\\"b\\\"/root\"\n"));
  EXPECT_THAT(config, HasSubstr("binary = \"/bin/runc\"\n"));
  EXPECT_THAT(config, HasSubstr("rootless = false\n"));
  EXPECT_THAT(config, HasSubstr("defaultCgroupParent = \"ktl-k\"\n"));
  EXPECT_THAT(daemon_config(kUser), HasSubstr("rootless = true\n"));
  EXPECT_THAT(daemon_config(kUser), Not(HasSubstr("defaultCgroupParent")));
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

TEST(Daemon, EnvironmentIsAnAllowlist) {
  Command command = daemon_command(kRoot, [](const char* name) {
    return std::string(name) == "AWS_SECRET_ACCESS_KEY" ? "leak" : shell(name);
  });
  EXPECT_EQ(command.env, (std::vector<std::string>{"PATH=/bin", "HOME=/h"}));
}

TEST(Daemon, AUserRunsItUnderRootlesskit) {
  Command command = daemon_command(kUser, shell);
  EXPECT_EQ(command.argv.front(), "/bin/rootlesskit");
  EXPECT_THAT(command.argv, Contains("--pidns"));
  EXPECT_THAT(command.argv, Contains("/bin/buildkitd"));
  EXPECT_THAT(command.env, Contains("XDG_RUNTIME_DIR=/r/k.sock.d"));
}

TEST(Daemon, RootGivesItNamespacesThatEndWithIt) {
  Command command = daemon_command(kRoot, shell);
  EXPECT_EQ(command.argv.front(), "/bin/unshare");
  EXPECT_THAT(command.argv, IsSupersetOf({"--pid", "--mount", "--kill-child=TERM"}));
  EXPECT_EQ(command.parent_death_signal, SIGKILL);
}

TEST(Daemon, MissingDaemonSaysWhatToDo) {
  auto programs = find_programs(
      "/nowhere/bin/ktl",
      [](const char* name) { return std::string(name) == "KTL_BUILDKITD" ? "/nowhere/x" : ""; },
      true);
  EXPECT_EQ(programs.status().code(), Code::kUnavailable);
  EXPECT_THAT(programs.status().message(), HasSubstr("/nowhere/x"));
  EXPECT_THAT(programs.status().next(), StartsWith("unset KTL_BUILDKITD"));
}

}  // namespace
}  // namespace ktl::builder
