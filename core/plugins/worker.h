// The one thread that calls into a plugin, so that [serial] holds and a hung call can be left.
#pragma once

#include <functional>
#include <memory>

namespace ktl {

// Runs tasks in the order they came. Destroying it waits for the task that runs, unless the thread
// was left. Thread rule: post and leave from one thread at a time.
class Worker {
 public:
  Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker();

  // `task` must not throw. After leave() it is dropped.
  void post(std::function<void()> task);

  // Gives the thread up: it ends by itself once its task returns, if ever; nobody kills a thread
  // that may hold locks. What the task refers to has to be its own.
  void leave();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ktl
