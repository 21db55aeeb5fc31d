// Ctrl-C and its like, as a cancelled token.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

#include "base/cancel.h"
#include "base/fd.h"

namespace ktl {

// While it lives, SIGINT, SIGTERM and SIGHUP are blocked in the thread that made it, and in every
// thread started from there, and are taken by a thread of its own. So it has to be made before
// any other thread. Signals that were ignored at the start (nohup) stay ignored.
// They stay blocked when it goes: the result stands by then, and a late Ctrl-C must not make the
// program end as if it did not.
class Signals {
 public:
  using Action = std::function<void(int signal)>;

  // The first signal cancels `token` and calls `told`; each further one calls `force`. Both run on
  // the thread that takes signals. `token` outlives this object.
  Signals(CancelToken& token, Action told, Action force);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals();

 private:
  void watch(CancelToken& token, const Action& told, const Action& force) const;

  UniqueFd signals_;  // signalfd
  UniqueFd stop_;     // eventfd
  std::thread thread_;
};

}  // namespace ktl
