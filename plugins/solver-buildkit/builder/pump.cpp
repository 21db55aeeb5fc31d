#include "builder/pump.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace ktl::builder {
namespace {

constexpr int kPipeBytes = 256 << 10;
constexpr size_t kMaxSplice = 1U << 20U;

// One direction: a pipe is the only place between two sockets that splice(2) knows.
class Channel {
 public:
  Channel(int from, int to) : from_(from), to_(to) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0) {
      read_.reset(ends[0]);
      write_.reset(ends[1]);
      ::fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);  // when it may not grow, it is slower
    } else {
      broken_ = true;
    }
  }

  [[nodiscard]] bool wants_input() const { return !ended_ && held_ == 0; }
  [[nodiscard]] bool wants_output() const { return held_ > 0; }
  [[nodiscard]] bool done() const { return closed_; }
  [[nodiscard]] bool broken() const { return broken_; }
  [[nodiscard]] int64_t bytes() const { return bytes_; }

  // Moves what can be moved now; true when something did.
  bool move() {
    bool moved = false;
    for (bool more = true; more && !broken_;) {
      more = take() || give();
      moved = moved || more;
    }
    if (ended_ && held_ == 0 && !closed_) {
      closed_ = true;
      ::shutdown(to_, SHUT_WR);
      moved = true;
    }
    return moved;
  }

 private:
  bool take() {
    if (!wants_input()) {
      return false;
    }
    const ssize_t size = ::splice(from_, nullptr, write_.get(), nullptr, kMaxSplice,
                                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (size > 0) {
      held_ += size;
      return true;
    }
    ended_ = ended_ || size == 0;
    broken_ = size < 0 && errno != EAGAIN && errno != EINTR;
    return false;
  }

  bool give() {
    if (held_ == 0) {
      return false;
    }
    const ssize_t size = ::splice(read_.get(), nullptr, to_, nullptr, static_cast<size_t>(held_),
                                  SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (size > 0) {
      held_ -= size;
      bytes_ += size;
      return true;
    }
    broken_ = size < 0 && errno != EAGAIN && errno != EINTR;
    return false;
  }

  int from_;
  int to_;
  UniqueFd read_;
  UniqueFd write_;
  int64_t held_ = 0;
  int64_t bytes_ = 0;
  bool ended_ = false;
  bool closed_ = false;
  bool broken_ = false;
};

void unblock(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

short events(const Channel& incoming, const Channel& outgoing) {
  return static_cast<short>((incoming.wants_input() ? POLLIN : 0) |
                            (outgoing.wants_output() ? POLLOUT : 0));
}

}  // namespace

Pumped pump(int a, int b, int stop, int64_t idle_ms) {
  unblock(a);
  unblock(b);
  Channel there(a, b);
  Channel back(b, a);
  while (!(there.done() && back.done()) && !there.broken() && !back.broken()) {
    if (there.move() || back.move()) {
      continue;
    }
    std::array<pollfd, 3> fds = {
        {{a, events(there, back), 0}, {b, events(back, there), 0}, {stop, POLLIN, 0}}};
    // A peer that is gone altogether is told by POLLHUP or POLLERR even where nothing is asked for.
    for (size_t i = 0; i < 2; ++i) {
      fds[i].fd = fds[i].events == 0 ? -1 : fds[i].fd;
    }
    const int ready = ::poll(fds.data(), fds.size(), static_cast<int>(idle_ms));
    if ((ready < 0 && errno != EINTR) || ready == 0 || fds[2].revents != 0) {
      break;
    }
  }
  return {there.bytes(), back.bytes()};
}

}  // namespace ktl::builder
