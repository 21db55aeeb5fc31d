// Threads that are kept while there is work, for tasks that may take their time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ktl {

// Runs each task on a thread that has nothing else to do, or on a new one; with `most` of them busy
// tasks wait, in the order they came. Thread rule: post from any thread; the destructor waits for
// what runs and drops the rest.
class ThreadPool {
 public:
  explicit ThreadPool(size_t most) : most_(most) {}
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { end(); }

  // `task` must not throw. After end() it is dropped.
  void post(std::function<void()> task);

  // What the destructor does; once more does nothing. Not from a task.
  void end();

 private:
  void run();

  const size_t most_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ended_ = false;
};

}  // namespace ktl
