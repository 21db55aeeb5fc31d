#include "core/pipeline/signals.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <future>

namespace ktl {
namespace {

TEST(Signals, TheFirstCancelsAndTheSecondForces) {
  CancelToken token;
  std::promise<int> told;
  std::promise<int> forced;
  Signals signals(
      token, [&](int signal) { told.set_value(signal); },
      [&](int signal) { forced.set_value(signal); });
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(told.get_future().get(), SIGTERM);
  EXPECT_TRUE(token.cancelled());
  EXPECT_EQ(token.reason(), SIGTERM);
  pollfd ready{token.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 0), 1);
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(forced.get_future().get(), SIGINT);
  EXPECT_EQ(token.reason(), SIGTERM);
}

TEST(Signals, ALateOneDoesNotEndTheProgram) {
  CancelToken token;
  {
    Signals signals(token, [](int) {}, [](int) {});
  }
  ::raise(SIGINT);  // blocked: this line would end the test otherwise
  EXPECT_FALSE(token.cancelled());
  sigset_t pending;
  sigpending(&pending);
  EXPECT_EQ(sigismember(&pending, SIGINT), 1);
}

TEST(Signals, LeavesIgnoredOnesIgnored) {
  ::signal(SIGHUP, SIG_IGN);
  sigset_t hangup;
  sigemptyset(&hangup);
  sigaddset(&hangup, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &hangup, nullptr);
  CancelToken token;
  {
    Signals signals(token, [](int) {}, [](int) {});
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    EXPECT_EQ(sigismember(&mask, SIGHUP), 0);
  }
  ::signal(SIGHUP, SIG_DFL);
}

}  // namespace
}  // namespace ktl
