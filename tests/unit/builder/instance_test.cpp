#include "builder/instance.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

namespace ktl::builder {
namespace {

class InstanceTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("instance." + std::to_string(::getpid()));
  std::filesystem::path file_ = folder_ / "instance.json";

  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(InstanceTest, SurvivesARoundTrip) {
  auto self = identify(::getpid());
  ASSERT_TRUE(self.has_value());
  Instance instance{*self, *self, boot_id(), "cfg", "/s", "/state", "now"};
  ASSERT_TRUE(write_instance(file_, instance).ok());
  auto read = read_instance(file_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->daemon, *self);
  EXPECT_EQ(read->config, "cfg");
  EXPECT_EQ(read->state, "/state");
  EXPECT_TRUE(is_alive(*read));
}

TEST_F(InstanceTest, AReusedPidIsNotTheSameProcess) {
  auto self = identify(::getpid());
  ProcessId earlier{self->pid, self->start_time - 1};
  EXPECT_FALSE(is_alive({*self, earlier, boot_id(), "", "/s", "", ""}));
  EXPECT_TRUE(is_alive({*self, *self, boot_id(), "", "/s", "", ""}));
}

TEST_F(InstanceTest, AnotherBootsProcessesAreGone) {
  auto self = identify(::getpid());
  EXPECT_FALSE(is_alive({*self, *self, "another boot", "", "/s", "", ""}));
}

TEST_F(InstanceTest, OneWhoseSocketIsDeafDoesNotRun) {
  Home home{"k", folder_, folder_ / "k.sock"};
  auto self = identify(::getpid());
  Instance instance{*self, *self, boot_id(), "cfg", home.socket.string(), "", ""};
  ASSERT_TRUE(write_instance(home.instance(), instance).ok());
  EXPECT_FALSE(running_instance(home).has_value());
}

TEST_F(InstanceTest, AZombieIsNoProcess) {
  pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(0);
  }
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT);
  EXPECT_FALSE(identify(pid).has_value());
  ::waitpid(pid, nullptr, 0);
}

TEST_F(InstanceTest, ABrokenFileIsNamed) {
  EXPECT_EQ(read_instance(file_).status().code(), Code::kNotFound);
  ASSERT_TRUE(write_file_atomic(file_, "{").ok());
  EXPECT_EQ(read_instance(file_).status().code(), Code::kDataLoss);
  ASSERT_TRUE(write_file_atomic(file_, "{}").ok());
  EXPECT_EQ(read_instance(file_).status().where(), file_.string());
}

TEST_F(InstanceTest, NobodyAnswersAtAMissingSocket) {
  EXPECT_FALSE(answers((folder_ / "none.sock").string()));
  EXPECT_FALSE(answers(std::string(200, 'x')));
}

}  // namespace
}  // namespace ktl::builder
