#include "base/latch.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

#include "base/cancel.h"

namespace ktl {
namespace {

bool readable(int fd, int timeout_ms = 0) {
  pollfd ready{fd, POLLIN, 0};
  return ::poll(&ready, 1, timeout_ms) == 1;
}

TEST(Latch, CanBeWaitedForBeforeAndAfter) {
  Latch before;
  EXPECT_FALSE(readable(before.fd()));
  before.set();
  EXPECT_TRUE(before.is_set());
  EXPECT_TRUE(readable(before.fd()));
  Latch after;
  after.set();
  EXPECT_TRUE(readable(after.fd()));
  EXPECT_EQ(after.fd(), after.fd());
}

TEST(Latch, WhoeverComesSecondSeesTheOther) {
  for (int i = 0; i < 500; ++i) {
    Latch latch;
    std::thread setter([&latch] { latch.set(); });
    EXPECT_TRUE(readable(latch.fd(), 10'000));
    setter.join();
  }
}

TEST(CancelToken, KeepsItsFirstReason) {
  CancelToken token;
  token.cancel(2);
  token.cancel(15);
  EXPECT_EQ(token.reason(), 2);
  EXPECT_TRUE(readable(token.fd()));
}

}  // namespace
}  // namespace ktl
