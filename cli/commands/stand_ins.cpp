#include "cli/commands/stand_ins.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace ktl::cli {
namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nstand-in";

// Whoever asks is a builder of ours: one read holds its few lines.
void answer(const UniqueFd& client) {
  const timeval patience{2, 0};
  ::setsockopt(client.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::array<char, 8192> question{};
  if (::recv(client.get(), question.data(), question.size(), 0) > 0) {
    ::send(client.get(), kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  }
}

Status listen_on_loopback(UniqueFd& fd, uint16_t& port) {
  fd.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      ::listen(fd.get(), 16) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&here), &size) != 0) {
    return errno_status("listen on loopback", errno);
  }
  port = ntohs(here.sin_port);
  return {};
}

}  // namespace

Status StandIns::start() {
  for (size_t i = 0; i < kCount; ++i) {
    KTL_TRY(listen_on_loopback(listeners_[i], ports_[i]));
  }
  stop_.reset(::eventfd(0, EFD_CLOEXEC));
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);  // signals are the main thread's
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { serve(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return {};
}

StandIns::~StandIns() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof(one)));
    thread_.join();
  }
}

void StandIns::serve() {
  while (true) {
    std::array<pollfd, kCount + 1> fds = {{{listeners_[0].get(), POLLIN, 0},
                                           {listeners_[1].get(), POLLIN, 0},
                                           {stop_.get(), POLLIN, 0}}};
    if ((::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) || fds[kCount].revents != 0) {
      return;
    }
    for (size_t i = 0; i < kCount; ++i) {
      const UniqueFd client(::accept4(listeners_[i].get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (client.valid()) {
        ++asked_[i];
        answer(client);
      }
    }
  }
}

}  // namespace ktl::cli
