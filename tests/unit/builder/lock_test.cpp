#include "builder/lock.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace ktl::builder {
namespace {

bool never() { return false; }

class LockTest : public ::testing::Test {
 protected:
  std::filesystem::path file_ =
      std::filesystem::path(::testing::TempDir()) / ("lock." + std::to_string(::getpid()));
  void TearDown() override { std::filesystem::remove(file_); }
};

TEST_F(LockTest, ClientsShareAndAStopWaitsForThem) {
  auto one = lock_file(file_, LockMode::kShared, 0, never);
  auto two = lock_file(file_, LockMode::kShared, 0, never);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(lock_file(file_, LockMode::kExclusive, 20, never).status().code(),
            Code::kDeadlineExceeded);
  one->reset();
  two->reset();
  EXPECT_TRUE(lock_file(file_, LockMode::kExclusive, 0, never).ok());
}

TEST_F(LockTest, WaitingEndsWhenCancelled) {
  auto held = lock_file(file_, LockMode::kExclusive, 0, never);
  auto waiting = lock_file(file_, LockMode::kShared, 60'000, [] { return true; });
  EXPECT_EQ(waiting.status().code(), Code::kCancelled);
}

TEST_F(LockTest, ALinkIsNotFollowed) {
  std::filesystem::create_symlink("/etc/passwd", file_);
  EXPECT_FALSE(lock_file(file_, LockMode::kShared, 0, never).ok());
}

}  // namespace
}  // namespace ktl::builder
