#include "builder/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const Programs kRoot{"/bin/buildkitd", "/bin/runc", ""};
const Programs kUser{"/bin/buildkitd", "/bin/runc", "/bin/rootlesskit"};

std::string shell(const char* name) {
  return std::string(name) == "PATH" ? "/bin" : std::string(name) == "HOME" ? "/h" : "";
}

TEST(Daemon, StateOfAnUnfencedBuilderSaysSoInItsName) {
  auto home = home_for(kRoot, "/state", "/run");
  ASSERT_TRUE(home.ok());
  EXPECT_EQ(home->state, "/state/unfenced-" + home->key);
  EXPECT_EQ(home->socket, "/run/" + home->key + ".sock");
}

TEST(Daemon, AnotherConfigurationIsAnotherBuilder) {
  EXPECT_NE(home_for(kRoot, "/s", "/r")->key, home_for(kUser, "/s", "/r")->key);
  EXPECT_EQ(home_for(kRoot, "/s", "/r")->key, home_for(kRoot, "/other", "/r2")->key);
}

TEST(Daemon, RefusesASocketPathTheKernelCannotTake) {
  auto home = home_for(kRoot, "/s", "/" + std::string(100, 'r'));
  EXPECT_EQ(home.status().code(), Code::kInvalidArgument);
}

TEST(Daemon, ConfigQuotesPathsAndNamesTheRuntime) {
  Home home{"k", "/a \"b\"", "/r/k.sock"};
  std::string config = daemon_config(kRoot, home);
  EXPECT_THAT(config, HasSubstr("root = \"/a \\\"b\\\"/root\"\n"));
  EXPECT_THAT(config, HasSubstr("binary = \"/bin/runc\"\n"));
  EXPECT_THAT(config, HasSubstr("rootless = false\n"));
  EXPECT_THAT(daemon_config(kUser, home), HasSubstr("rootless = true\nnoProcessSandbox = true\n"));
}

TEST(Daemon, EnvironmentIsAnAllowlist) {
  Command command = daemon_command(kRoot, Home{}, [](const char* name) {
    return std::string(name) == "AWS_SECRET_ACCESS_KEY" ? "leak" : shell(name);
  });
  EXPECT_EQ(command.env, (std::vector<std::string>{"PATH=/bin", "HOME=/h"}));
}

TEST(Daemon, AUserRunsItUnderRootlesskit) {
  Command command = daemon_command(kUser, Home{"k", "/s", "/r/k.sock"}, shell);
  EXPECT_EQ(command.argv.front(), "/bin/rootlesskit");
  EXPECT_THAT(command.argv, Contains("/bin/buildkitd"));
  EXPECT_THAT(command.env, Contains("XDG_RUNTIME_DIR=/r"));
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
