#include "core/bridge/link.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ktl::bridge {
namespace {

constexpr size_t kReadBytes = 64U << 10U;
constexpr size_t kPostedBytes = 32U << 10U;
constexpr long kGatherNs = 5'000'000;
constexpr size_t kMaxPieces = 4;  // what was posted; header, head and body of a frame
constexpr size_t kControlBytes = CMSG_SPACE(sizeof(int) * Frame::kMaxFds);

Status gone() { return {Code::kUnavailable, "the other process is gone"}; }

// What is left to send, as sendmsg(2) wants it.
class Parts {
 public:
  explicit Parts(std::span<const std::string_view> pieces) : count_(pieces.size()) {
    std::ranges::transform(pieces, parts_.begin(), part);
  }

  [[nodiscard]] bool empty() const { return first_ == count_; }
  iovec* data() { return &parts_.at(first_); }
  [[nodiscard]] size_t size() const { return count_ - first_; }

  void sent(size_t bytes) {
    while (first_ < count_ && bytes >= parts_[first_].iov_len) {
      bytes -= parts_[first_++].iov_len;
    }
    if (first_ < count_) {
      auto& rest = parts_[first_];
      rest = {static_cast<char*>(rest.iov_base) + bytes, rest.iov_len - bytes};
    }
  }

 private:
  static iovec part(std::string_view bytes) {
    return {const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg only reads
  }
  std::array<iovec, kMaxPieces> parts_{};
  const size_t count_;
  size_t first_ = 0;
};

void attach(msghdr& message, char* control, const std::vector<int>& fds) {
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
  cmsghdr* rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
  std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
}

std::vector<UniqueFd> descriptors_of(msghdr& message) {
  std::vector<UniqueFd> fds;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

Result<SocketPair> make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return errno_status("socketpair", errno);
  }
  return SocketPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Link::Link(UniqueFd socket, int stall_seconds)
    : socket_(std::move(socket)),
      stall_(stall_seconds),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {}

Status Link::send(const Outgoing& frame) {
  const std::string head = json::serialize(frame.head);
  KTL_ASSIGN(auto header, header_of(frame, head.size()));
  const std::lock_guard lock(sending_);
  if (!frame.fds.empty()) {
    KTL_TRY(send_posted());  // descriptors travel with the first byte of their own frame
  }
  const std::string posted = std::exchange(posted_, {});
  const std::array<std::string_view, kMaxPieces> pieces{
      posted, {header.data(), header.size()}, head, frame.body};
  return send_all(pieces, frame.fds);
}

Status Link::post(const Outgoing& frame) {
  const std::string head = json::serialize(frame.head);
  KTL_ASSIGN(auto header, header_of(frame, head.size()));
  const std::lock_guard lock(sending_);
  if (posted_.empty()) {
    const itimerspec soon{.it_interval = {}, .it_value = {0, kGatherNs}};
    ::timerfd_settime(timer_.get(), 0, &soon, nullptr);
  }
  posted_.append(header.data(), header.size()).append(head).append(frame.body);
  return posted_.size() < kPostedBytes ? Status() : send_posted();
}

Status Link::flush() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(timer_.get(), &count, sizeof count);
  const std::lock_guard lock(sending_);
  return send_posted();
}

Status Link::send_posted() {
  const std::string posted = std::exchange(posted_, {});
  const std::array<std::string_view, 1> pieces{posted};
  return posted.empty() ? Status() : send_all(pieces, {});
}

// After a failure the link is closed.
Status Link::send_all(std::span<const std::string_view> pieces, const std::vector<int>& fds) {
  Status status = send_pieces(pieces, fds);
  if (!status.ok()) {
    close();
  }
  return status;
}

Status Link::send_pieces(std::span<const std::string_view> pieces, const std::vector<int>& fds) {
  Parts parts(pieces);
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  bool attached = fds.empty();
  while (!parts.empty()) {
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    if (!attached) {
      attach(message, control.data(), fds);
    }
    ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      attached = true;
      parts.sent(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      KTL_TRY(wait_writable());
    } else if (errno != EINTR) {
      return errno == EPIPE || errno == ECONNRESET ? gone() : errno_status("send", errno);
    }
  }
  return {};
}

// Counted in seconds that passed in vain, so that a stopped (Ctrl-Z) ktl does not run out of time.
Status Link::wait_writable() const {
  for (int waited = 0; stall_ == 0 || waited < stall_; ++waited) {
    pollfd ready{socket_.get(), POLLOUT, 0};
    if (::poll(&ready, 1, 1000) > 0) {
      return {};
    }
  }
  return {Code::kDeadlineExceeded,
          "the other process has not read for " + std::to_string(stall_) + " s"};
}

Status Link::read_once() {
  iovec space{decoder_.space(kReadBytes), kReadBytes};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr message{};
  message.msg_iov = &space;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (got < 0) {
    bool nothing = errno == EAGAIN || errno == EINTR;
    return nothing ? Status() : errno == ECONNRESET ? gone() : errno_status("receive", errno);
  }
  auto fds = descriptors_of(message);
  if ((message.msg_flags & MSG_CTRUNC) != 0) {
    return {Code::kDataLoss, "a broken message: too many descriptors, or no room for them"};
  }
  if (got == 0) {
    return decoder_.inside() ? Status(Code::kUnavailable, "the other process ended in mid-sentence")
                             : gone();
  }
  decoder_.arrived(static_cast<size_t>(got));
  return decoder_.arrived(std::move(fds));
}

Status Link::receive(std::vector<Frame>& out) {
  KTL_TRY(read_once());
  for (;;) {
    KTL_ASSIGN(std::optional<Frame> frame, decoder_.next());
    if (!frame) {
      return {};
    }
    out.push_back(*std::move(frame));
  }
}

void Link::close_sending() { ::shutdown(socket_.get(), SHUT_WR); }

void Link::close() { ::shutdown(socket_.get(), SHUT_RDWR); }

}  // namespace ktl::bridge
