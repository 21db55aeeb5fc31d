#include "builder/guardian.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/process.h"
#include "builder/family.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

class GuardianTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("guardian." + std::to_string(::getpid()));
  Site site_;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    site_.home = {"guard" + std::to_string(::getpid()), folder_, folder_ / "k.sock"};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A process that holds the family lock and has a guardian, as a supervisor does.
  [[nodiscard]] pid_t supervisor() const {
    std::array<int, 2> ready{};
    EXPECT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
      auto lock = lock_file(site_.home.family_lock(), LockMode::kExclusive, 0, {});
      auto guardian = Guardian::start(site_, *lock);
      ::write(ready[1], guardian.ok() ? "+" : "-", 1);
      while (true) {
        ::pause();
      }
    }
    char byte = 0;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    EXPECT_EQ(byte, '+');
    ::close(ready[0]);
    ::close(ready[1]);
    return pid;
  }

  // A stand-in for the daemon, which takes its time to end.
  [[nodiscard]] Child daemon() const {
    Command command;
    command.argv = {"/bin/bash",
                    "-c",
                    "exec -a /opt/ktl/buildkitd /bin/sh -c \"$0\" sh \"$1\" \"$2\"",
                    "trap 'sleep 0.5; exit 7' TERM; while :; do sleep 0.05; done",
                    "--config",
                    site_.home.inner_config().string()};
    auto child = spawn(command, STDERR_FILENO, false);
    EXPECT_TRUE(child.ok());
    return *std::move(child);
  }

  [[nodiscard]] Result<UniqueFd> lock(int64_t wait_ms) const {
    return lock_file(site_.home.family_lock(), LockMode::kExclusive, wait_ms, {});
  }
};

// Otherwise it would take the next daemon, which is started meanwhile, for what it has to end.
TEST_F(GuardianTest, NobodyStartsTheNextDaemonBeforeItHasSwept) {
  const pid_t killed = supervisor();
  Child orphan = daemon();
  while (daemons_of(site_.home).empty()) {
    ::usleep(10'000);
  }
  ASSERT_TRUE(write_file_atomic(site_.home.socket, "").ok());
  ::kill(killed, SIGKILL);
  ::waitpid(killed, nullptr, 0);
  EXPECT_EQ(lock(0).status().code(), Code::kDeadlineExceeded);
  EXPECT_TRUE(lock(10'000).ok());
  EXPECT_EQ(*orphan.wait(0), 7);
  EXPECT_FALSE(std::filesystem::exists(site_.home.socket));
}

TEST_F(GuardianTest, EndsWithASupervisorThatLeavesNothing) {
  {
    auto held = lock(0);
    ASSERT_TRUE(held.ok());
    auto guardian = Guardian::start(site_, *held);
    ASSERT_TRUE(guardian.ok());
  }
  EXPECT_TRUE(lock(0).ok());
}

}  // namespace
}  // namespace ktl::builder
