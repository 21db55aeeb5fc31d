#include "builder/lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

namespace ktl::builder {
namespace {

const Caller kNobody;

class LockTest : public ::testing::Test {
 protected:
  std::filesystem::path file_ =
      std::filesystem::path(::testing::TempDir()) / ("lock." + std::to_string(::getpid()));
  void TearDown() override { std::filesystem::remove(file_); }
};

TEST_F(LockTest, ClientsShareAndAStopWaitsForThem) {
  auto one = lock_file(file_, LockMode::kShared, 0, kNobody);
  auto two = lock_file(file_, LockMode::kShared, 0, kNobody);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(lock_file(file_, LockMode::kExclusive, 20, kNobody).status().code(),
            Code::kDeadlineExceeded);
  one->reset();
  two->reset();
  EXPECT_TRUE(lock_file(file_, LockMode::kExclusive, 0, kNobody).ok());
}

TEST_F(LockTest, WaitingEndsWhenCancelled) {
  auto held = lock_file(file_, LockMode::kExclusive, 0, kNobody);
  UniqueFd cancel(::eventfd(1, EFD_CLOEXEC));
  auto waiting = lock_file(file_, LockMode::kShared, 60'000, {cancel.get(), {}});
  EXPECT_EQ(waiting.status().code(), Code::kCancelled);
}

TEST_F(LockTest, ALinkIsNotFollowed) {
  std::filesystem::create_symlink("/etc/passwd", file_);
  EXPECT_FALSE(lock_file(file_, LockMode::kShared, 0, kNobody).ok());
}

TEST_F(LockTest, AFifoIsRefused) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  EXPECT_EQ(lock_file(file_, LockMode::kShared, 0, kNobody).status().code(),
            Code::kFailedPrecondition);
}

TEST_F(LockTest, WhoHoldsItIsNamed) {
  auto held = lock_file(file_, LockMode::kShared, 0, kNobody);
  EXPECT_EQ(lock_holders(file_), std::vector<pid_t>{::getpid()});
  auto refused = lock_file(file_, LockMode::kExclusive, 0, kNobody);
  EXPECT_NE(refused.status().message().find(std::to_string(::getpid())), std::string::npos);
  held->reset();
  EXPECT_TRUE(lock_holders(file_).empty());
}

// Removing a lock's file must not let two hold "it".
TEST_F(LockTest, ALockOnARemovedFileIsNone) {
  auto held = lock_file(file_, LockMode::kExclusive, 0, kNobody);
  std::thread remover([this] {
    ::usleep(20'000);
    std::filesystem::rename(file_, file_.string() + ".old");
    static_cast<void>(open_file(file_, O_RDWR | O_CREAT, 0600));
  });
  std::thread releaser([&held] {
    ::usleep(60'000);
    held->reset();
  });
  auto got = lock_file(file_, LockMode::kExclusive, 5'000, kNobody);
  remover.join();
  releaser.join();
  ASSERT_TRUE(got.ok());
  struct stat named{};
  struct stat open{};
  ASSERT_EQ(::stat(file_.c_str(), &named), 0);
  ASSERT_EQ(::fstat(got->get(), &open), 0);
  EXPECT_EQ(named.st_ino, open.st_ino);
  std::filesystem::remove(file_.string() + ".old");
}

}  // namespace
}  // namespace ktl::builder
