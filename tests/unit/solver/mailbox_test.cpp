#include "mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "base/clock.h"

namespace ktl::solver {
namespace {

bool readable(const Mailbox& mailbox, int wait_ms) {
  pollfd wait{mailbox.fd(), POLLIN, 0};
  return ::poll(&wait, 1, wait_ms) == 1;
}

TEST(Mailbox, IsQuietUntilSomebodyWakes) {
  Mailbox mailbox;
  EXPECT_FALSE(readable(mailbox, 0));
  mailbox.wake();
  EXPECT_TRUE(readable(mailbox, 1000));
  EXPECT_TRUE(readable(mailbox, 0)) << "until it is hushed";
  mailbox.hush();
  EXPECT_FALSE(readable(mailbox, 30));
  mailbox.wake();
  EXPECT_TRUE(readable(mailbox, 1000));
}

TEST(Mailbox, EventsGatherAndThenWake) {
  Mailbox mailbox;
  mailbox.post({{"a/1", {}}});
  EXPECT_FALSE(readable(mailbox, 0));
  mailbox.post({{"b/1", {}}});
  EXPECT_TRUE(readable(mailbox, 1000));
  mailbox.hush();
  EXPECT_EQ(mailbox.take().size(), 2U);
  EXPECT_FALSE(readable(mailbox, 30));
}

TEST(Mailbox, WhatIsUrgentDoesNotWaitForWhatIsNot) {
  Mailbox mailbox;
  const int64_t began = system_clock().monotonic_ns();
  for (int i = 0; i < 50; ++i) {
    mailbox.wake_soon();
    mailbox.wake();
    mailbox.wake_soon();
    ASSERT_TRUE(readable(mailbox, 1000));
    mailbox.hush();
  }
  EXPECT_LT(system_clock().monotonic_ns() - began, 50 * 9'000'000);
}

TEST(Mailbox, AWakeAfterTheHushIsNotLost) {
  Mailbox mailbox;
  mailbox.wake_soon();
  ASSERT_TRUE(readable(mailbox, 1000));
  mailbox.hush();
  mailbox.wake_soon();
  EXPECT_TRUE(readable(mailbox, 1000));
}

}  // namespace
}  // namespace ktl::solver
