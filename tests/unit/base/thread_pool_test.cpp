#include "base/thread_pool.h"

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <set>

namespace ktl {
namespace {

using ::testing::SizeIs;

TEST(ThreadPool, TasksThatWaitForEachOtherRunAtTheSameTime) {
  std::latch both(2);
  std::atomic<int> met = 0;
  ThreadPool pool(2);
  for (int i = 0; i < 2; ++i) {
    pool.post([&] {
      both.arrive_and_wait();
      ++met;
    });
  }
  while (met < 2) {
    std::this_thread::yield();
  }
}

TEST(ThreadPool, ThreadsThatHaveNothingElseToDoAreUsedAgain) {
  std::set<std::thread::id> used;
  ThreadPool pool(8);
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> done = false;
    pool.post([&] {
      used.insert(std::this_thread::get_id());
      done = true;
    });
    while (!done) {
      std::this_thread::yield();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // for it to be idle
  }
  EXPECT_LT(used.size(), 5U);  // one, but on a machine that let it sleep
}

TEST(ThreadPool, NoMoreThreadsThanItMay) {
  std::atomic<int> now = 0;
  std::atomic<int> highest = 0;
  std::latch all(12);
  ThreadPool pool(3);
  for (int i = 0; i < 12; ++i) {
    pool.post([&] {
      const int busy = ++now;
      highest = std::max(highest.load(), busy);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --now;
      all.count_down();
    });
  }
  all.wait();
  EXPECT_LE(highest, 3);
}

TEST(ThreadPool, TheEndWaitsForWhatRunsAndDropsTheRest) {
  std::vector<int> ran;
  std::latch begun(1);
  ThreadPool pool(1);
  pool.post([&] {
    begun.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ran.push_back(1);
  });
  pool.post([&] { ran.push_back(2); });
  begun.wait();
  pool.end();
  pool.post([&] { ran.push_back(3); });
  pool.end();
  EXPECT_THAT(ran, SizeIs(1));
}

}  // namespace
}  // namespace ktl
