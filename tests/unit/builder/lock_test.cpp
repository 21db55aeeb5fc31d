#include "builder/lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
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

// A process that locks the file, passes that on to a child of its own, and ends: the child's pid.
pid_t leave_heir(const std::filesystem::path& file) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  const pid_t taker = ::fork();
  if (taker == 0) {
    auto held = lock_file(file, LockMode::kExclusive, 0, kNobody);
    const pid_t heir = held.ok() ? ::fork() : -1;
    if (heir == 0) {
      ::alarm(60);
      ::pause();
    }
    ::_exit(::write(ends[1], &heir, sizeof(heir)) == sizeof(heir) ? 0 : 1);
  }
  ::waitpid(taker, nullptr, 0);
  pid_t heir = -1;
  EXPECT_EQ(::read(ends[0], &heir, sizeof(heir)), static_cast<ssize_t>(sizeof(heir)));
  ::close(ends[0]);
  ::close(ends[1]);
  return heir;
}

char state_of(pid_t pid) {
  auto text = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  return text.ok() ? text->at(text->rfind(')') + 2) : '?';
}

void wait_for_state(pid_t pid, bool stopped) {
  for (int turn = 0; turn < 1000 && (state_of(pid) == 'T') != stopped; ++turn) {
    ::usleep(1'000);
  }
  EXPECT_EQ(state_of(pid) == 'T', stopped);
}

TEST_F(LockTest, WhoInheritedItIsNamedAndWoken) {
  const pid_t heir = leave_heir(file_);
  ASSERT_GT(heir, 0);
  EXPECT_EQ(lock_holders(file_), std::vector<pid_t>{heir});
  ::kill(heir, SIGSTOP);
  wait_for_state(heir, true);
  wake_holders(file_);
  wait_for_state(heir, false);
  ::kill(heir, SIGKILL);
  EXPECT_TRUE(lock_file(file_, LockMode::kExclusive, 5'000, kNobody).ok());
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
