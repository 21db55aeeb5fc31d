#include "builder/gate.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "builder/gate_talk.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxConnections = 256;
constexpr auto kFarewell = std::chrono::seconds(2);  // longer only a name that is being asked for

struct Listener {
  UniqueFd fd;
  uint16_t port = 0;  // of the proxy when `forwards` is false
  bool forwards = false;
};

void ring(const UniqueFd& bell) {
  const uint64_t one = 1;
  static_cast<void>(::write(bell.get(), &one, sizeof(one)));
}

}  // namespace

// Shared with the connections' threads, of which one may still wait for a name when the gate is
// gone.
struct GateState {
  GateState(GateSettings wanted, Admit who)
      : settings(std::move(wanted)), admit(std::move(who)), journal(settings.journal) {}

  const GateSettings settings;
  const Admit admit;
  GateJournal journal;
  UniqueFd stop{::eventfd(0, EFD_CLOEXEC)};
  UniqueFd bell{
      ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // there is a new listener, or less to do
  std::mutex mutex;
  std::condition_variable quiet;
  std::vector<Listener> added;
  size_t connections = 0;
  std::thread acceptor;

  void add(Listener listener) {
    const std::scoped_lock hold(mutex);
    added.push_back(std::move(listener));
    ring(bell);
  }
  void leave() {
    const std::scoped_lock hold(mutex);
    --connections;
    ring(bell);
    quiet.notify_all();
  }
  void enter() {
    const std::scoped_lock hold(mutex);
    ++connections;
  }
  bool full() {
    const std::scoped_lock hold(mutex);
    return connections >= kMaxConnections;
  }
};

namespace {

void serve_one(const std::shared_ptr<GateState>& state, UniqueFd client, const sockaddr_in& peer,
               uint16_t port, bool forwards) {
  if (!state->admit(peer, port)) {
    state->journal.add({{"", port},
                        forwards ? "forward" : "",
                        false,
                        "came from a step, not from the daemon",
                        0,
                        0});
  } else if (forwards) {
    forward_client(client, port, state->journal, state->stop.get());
  } else {
    talk_to_client(client, state->settings, state->journal, state->stop.get());
  }
  client.reset();
  state->leave();
}

void accept_from(const std::shared_ptr<GateState>& state, const Listener& listener) {
  while (!state->full()) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    UniqueFd client(::accept4(listener.fd.get(), reinterpret_cast<sockaddr*>(&peer), &size,
                              SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.valid()) {
      return;
    }
    state->enter();
    std::thread(serve_one, state, std::move(client), peer, listener.port, listener.forwards)
        .detach();
  }
}

void accept_all(const std::shared_ptr<GateState>& state) {
  std::vector<Listener> listeners;
  while (true) {
    std::vector<pollfd> fds = {{state->stop.get(), POLLIN, 0}, {state->bell.get(), POLLIN, 0}};
    const bool full = state->full();
    for (const Listener& listener : listeners) {
      fds.push_back({full ? -1 : listener.fd.get(), POLLIN, 0});
    }
    if ((::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) || fds[0].revents != 0) {
      return;
    }
    for (size_t i = 2; i < fds.size(); ++i) {
      if (fds[i].revents != 0) {
        accept_from(state, listeners[i - 2]);
      }
    }
    uint64_t rings = 0;
    if (fds[1].revents != 0 && ::read(state->bell.get(), &rings, sizeof(rings)) > 0) {
      const std::scoped_lock hold(state->mutex);
      for (Listener& listener : state->added) {
        listeners.push_back(std::move(listener));
      }
      state->added.clear();
    }
  }
}

}  // namespace

Gate::Gate(GateSettings settings, Admit admit)
    : state_(std::make_shared<GateState>(std::move(settings), std::move(admit))) {
  // Signals are the main thread's; a broken connection is an error value.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->acceptor = std::thread(accept_all, state_);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Gate::~Gate() {
  ring(state_->stop);
  state_->acceptor.join();
  std::unique_lock hold(state_->mutex);
  state_->quiet.wait_for(hold, kFarewell, [&] { return state_->connections == 0; });
}

void Gate::serve_proxy(UniqueFd listener) { state_->add({std::move(listener), kGatePort, false}); }

void Gate::serve_forwarder(UniqueFd listener, uint16_t port) {
  state_->add({std::move(listener), port, true});
}

}  // namespace ktl::builder
