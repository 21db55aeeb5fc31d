#include "core/bridge/pool.h"

namespace ktl::bridge {

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    tasks_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    thread.join();
  }
}

void Pool::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (idle_ < tasks_.size() && threads_.size() < kThreads) {
    threads_.emplace_back([this] { run(); });
  }
  wake_.notify_one();
}

void Pool::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
    --idle_;
    if (ended_) {
      return;
    }
    auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace ktl::bridge
