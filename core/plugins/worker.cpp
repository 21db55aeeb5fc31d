#include "core/plugins/worker.h"

#include <pthread.h>

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

namespace ktl {

struct Worker::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> tasks;
  bool ended = false;
  std::thread thread;

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return ended || !tasks.empty(); });
      if (tasks.empty()) {
        return;
      }
      auto task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
};

namespace {

// Signals belong to the program's own threads, never to one inside a plugin; faults stay with the
// thread that caused them.
std::thread start_without_signals(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    sigdelset(&all, fault);
  }
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Worker::Worker() : state_(std::make_shared<State>()) {
  state_->thread = start_without_signals([state = state_] { state->run(); });
}

Worker::~Worker() {
  if (!state_->thread.joinable()) {
    return;
  }
  {
    std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->wake.notify_one();
  state_->thread.join();
}

// Woken after the lock is free, or it would wake up only to wait for that.
void Worker::post(std::function<void()> task) {
  {
    std::lock_guard lock(state_->mutex);
    if (state_->ended) {
      return;
    }
    state_->tasks.push_back(std::move(task));
  }
  state_->wake.notify_one();
}

void Worker::leave() {
  std::lock_guard lock(state_->mutex);
  state_->ended = true;
  state_->tasks.clear();
  if (state_->thread.joinable()) {
    state_->thread.detach();
  }
}

}  // namespace ktl
