// Threads for what the other side asks and may take its time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace ktl::bridge {

// At most kThreads, started when there is work and nobody idle. Thread rule: any thread; the
// destructor waits for what runs and drops the rest.
class Pool {
 public:
  static constexpr size_t kThreads = 8;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  void post(std::function<void()> task);

 private:
  void run();

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> threads_;
  size_t idle_ = 0;
  bool ended_ = false;
};

}  // namespace ktl::bridge
