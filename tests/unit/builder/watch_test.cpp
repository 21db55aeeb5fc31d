#include "builder/watch.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "base/clock.h"
#include "builder/lock.h"
#include "builder/log.h"

namespace ktl::builder {
namespace {

class WatchTest : public ::testing::Test {
 protected:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("watch." + std::to_string(::getpid()));
  Home home_;
  UniqueFd log_;

  void SetUp() override {
    std::filesystem::create_directories(folder_);
    home_ = {"k", folder_, folder_ / "k.sock"};
    log_ = *open_log(home_);
    static_cast<void>(lock_file(home_.clients_lock(), LockMode::kShared, 0, {}));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static Child start(const std::string& script) {
    Command command;
    command.argv = {"/bin/sh", "-c", script};
    return *spawn(command, STDERR_FILENO, false);
  }
};

TEST_F(WatchTest, TellsHowTheDaemonEnded) {
  Child daemon = start("exit 3");
  End end = watch(daemon, home_, log_, 60'000, {}, nullptr);
  EXPECT_TRUE(end.failed);
  EXPECT_EQ(end.reason, "the daemon ended with exit code 3");
}

TEST_F(WatchTest, StopsWhenAsked) {
  Child daemon = start("exec sleep 60");
  UniqueFd cancel(::eventfd(1, EFD_CLOEXEC));
  EXPECT_EQ(watch(daemon, home_, log_, 60'000, {cancel.get(), {}}, nullptr).reason,
            "asked to stop");
}

TEST_F(WatchTest, IdlenessHoldsTheClientsLock) {
  Child daemon = start("exec sleep 60");
  End end = watch(daemon, home_, log_, 50, {}, nullptr);
  EXPECT_EQ(end.reason, "idle");
  EXPECT_FALSE(lock_file(home_.clients_lock(), LockMode::kShared, 0, {}).ok());
}

TEST_F(WatchTest, AClientKeepsItBusy) {
  auto client = lock_file(home_.clients_lock(), LockMode::kShared, 0, {});
  Child daemon = start("exec sleep 0.5");
  End end = watch(daemon, home_, log_, 50, {}, nullptr);
  EXPECT_TRUE(end.failed) << end.reason;  // the daemon's end came first
}

TEST_F(WatchTest, AConnectionIsFoundByTheSocketsPath) {
  const std::string path = home_.socket;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  const auto* where = reinterpret_cast<const sockaddr*>(&address);
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(listener.get(), where, sizeof(address)), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  EXPECT_FALSE(has_connections(path));
  UniqueFd client(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::connect(client.get(), where, sizeof(address)), 0);
  UniqueFd accepted(::accept(listener.get(), nullptr, nullptr));
  EXPECT_TRUE(has_connections(path));
  EXPECT_FALSE(has_connections(path + "x"));
}

TEST_F(WatchTest, TheLogIsBounded) {
  ASSERT_TRUE(write_all(log_.get(), std::string(9 << 20, 'x')).ok());
  Child daemon = start("exit 0");
  UniqueFd cancel(::eventfd(1, EFD_CLOEXEC));
  bound_log(home_, log_);
  EXPECT_EQ(std::filesystem::file_size(home_.log()), 0U);
  EXPECT_EQ(std::filesystem::file_size(home_.older_log()), 9U << 20U);
}

}  // namespace
}  // namespace ktl::builder
