#include "core/pipeline/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace ktl {
namespace {

sigset_t wanted_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction current{};
    sigaction(signal, nullptr, &current);
    if (current.sa_handler != SIG_IGN) {
      sigaddset(&set, signal);
    }
  }
  return set;
}

}  // namespace

Signals::Signals(CancelToken& token, Action told, Action force) {
  sigset_t wanted = wanted_signals();
  pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  signals_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC));
  stop_.reset(::eventfd(0, EFD_CLOEXEC));
  thread_ = std::thread([this, &token, told = std::move(told), force = std::move(force)] {
    watch(token, told, force);
  });
}

Signals::~Signals() {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t sent = ::write(stop_.get(), &one, sizeof(one));
  thread_.join();
}

void Signals::watch(CancelToken& token, const Action& told, const Action& force) const {
  std::array<pollfd, 2> fds = {pollfd{signals_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  while (true) {
    ::poll(fds.data(), fds.size(), -1);
    if (fds[1].revents != 0) {
      return;
    }
    signalfd_siginfo info{};
    if (::read(signals_.get(), &info, sizeof(info)) != sizeof(info)) {
      continue;
    }
    int signal = static_cast<int>(info.ssi_signo);
    if (token.cancelled()) {
      force(signal);
    } else {
      token.cancel(signal);
      told(signal);
    }
  }
}

}  // namespace ktl
