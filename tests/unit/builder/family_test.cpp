#include "builder/family.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd.h"
#include "base/process.h"

namespace ktl::builder {
namespace {

// A stand-in for the daemon: its name is the program's, its last words name the configuration.
class FamilyTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("family." + std::to_string(::getpid()));
  Site site_;

  void SetUp() override {
    std::filesystem::create_directories(folder_ / "root/runc-x/executor");
    site_.home = {"key" + std::to_string(::getpid()), folder_, folder_ / "k.sock"};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Child start(const std::string& script, const std::string& name = "sh") const {
    Command command;
    command.argv = {"/bin/bash",
                    "-c",
                    "exec -a \"$0\" /bin/sh -c \"$1\" sh \"$2\" \"$3\"",
                    name,
                    script,
                    "--config",
                    site_.home.inner_config().string()};
    auto child = spawn(command, STDERR_FILENO, false);
    EXPECT_TRUE(child.ok());
    return *std::move(child);
  }
};

TEST_F(FamilyTest, IsFoundByItsCommandLine) {
  EXPECT_TRUE(family_of(site_.home).empty());
  Child child = start("kill -STOP $$");  // it forks nothing that looks like it
  siginfo_t stopped{};  // while it executes the next program it has no command line
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child.pid()), &stopped, WSTOPPED | WNOWAIT), 0);
  EXPECT_EQ(family_of(site_.home), std::vector<pid_t>{child.pid()});
  EXPECT_TRUE(daemons_of(site_.home).empty());  // it starts one
  Home other = site_.home;
  other.key = "elsewhere";
  EXPECT_TRUE(family_of(other).empty());
}

// One program after the other, and a member all the while.
TEST_F(FamilyTest, IsFoundBetweenTwoPrograms) {
  const std::string script = folder_ / "again.sh";
  ASSERT_TRUE(write_file_atomic(script, "exec /bin/sh \"$0\" --config \"$2\"\n").ok());
  Command command;
  command.argv = {"/bin/sh", script, "--config", site_.home.inner_config().string()};
  auto child = spawn(command, STDERR_FILENO, false);
  ASSERT_TRUE(child.ok());
  for (int look = 0; look < 500; ++look) {
    ASSERT_EQ(family_of(site_.home), std::vector<pid_t>{child->pid()}) << look;
  }
}

TEST_F(FamilyTest, TheDaemonIsAskedToEnd) {
  Child child = start("trap 'exit 7' TERM; while :; do sleep 0.05; done", "/opt/ktl/buildkitd");
  ::usleep(200'000);
  EXPECT_EQ(daemons_of(site_.home), std::vector<pid_t>{child.pid()});
  EXPECT_TRUE(end_family(site_, 5'000).ok());
  EXPECT_EQ(*child.wait(1'000), 7);
}

TEST_F(FamilyTest, WhoStartsItIsNotTheInmate) {
  Child child = start("sleep 5 & wait");
  ::usleep(100'000);
  EXPECT_EQ(inmate_of(child.pid()), 0);  // the child is in our own user namespace
}

TEST_F(FamilyTest, IsKilledWhenItDoesNotListen) {
  Child child = start("trap '' TERM; while :; do sleep 0.05; done");
  ::usleep(100'000);
  EXPECT_TRUE(end_family(site_, 100).ok());
  EXPECT_EQ(*child.wait(1'000), 128 + SIGKILL);
}

TEST_F(FamilyTest, SweepRemovesSocketsAndBundlesButNoState) {
  ASSERT_TRUE(write_file_atomic(site_.home.socket, "").ok());
  std::filesystem::create_directories(folder_ / "root/runc-x/executor/abc123");
  ASSERT_TRUE(write_file_atomic(folder_ / "root/cache.db", "kept").ok());
  sweep(site_);
  EXPECT_FALSE(std::filesystem::exists(site_.home.socket));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "root/runc-x/executor/abc123"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "root/cache.db"));
}

}  // namespace
}  // namespace ktl::builder
