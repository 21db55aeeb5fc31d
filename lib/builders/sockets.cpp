#include "builders/sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/clock.h"

namespace ktl::builder {
namespace {

constexpr int64_t kConnectNs = 10'000'000'000;
constexpr int kCancelMs = 50;

struct Addresses {
  addrinfo* list = nullptr;
  Addresses() = default;
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  ~Addresses() {
    if (list != nullptr) {
      ::freeaddrinfo(list);
    }
  }
};

void keep_alive(int fd) {
  const auto set = [fd](int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Result<UniqueFd> connect_one(const addrinfo& where, int64_t deadline_ns,
                             const Cancelled& cancelled) {
  UniqueFd fd(::socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) {
    return errno_status("socket", errno);
  }
  if (::connect(fd.get(), where.ai_addr, where.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) {
      return Status(Code::kUnavailable, std::strerror(errno));
    }
    KTL_TRY(wait_for(fd.get(), POLLOUT, deadline_ns, cancelled));
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
      return Status(Code::kUnavailable, std::strerror(error));
    }
  }
  keep_alive(fd.get());
  return fd;
}

}  // namespace

Status wait_for(int fd, short events, int64_t deadline_ns, const Cancelled& cancelled) {
  pollfd wait{fd, events, 0};
  while (true) {
    const int64_t left_ms = (deadline_ns - system_clock().monotonic_ns()) / 1'000'000;
    if (cancelled()) {
      return {Code::kCancelled, "cancelled while connecting"};
    }
    if (left_ms <= 0) {
      return {Code::kDeadlineExceeded, "no answer in time"};
    }
    if (::poll(&wait, 1, static_cast<int>(std::min<int64_t>(left_ms, kCancelMs))) > 0) {
      return {};
    }
  }
}

Result<UniqueFd> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Status(Code::kInvalidArgument, "the builder's socket path has " +
                                              std::to_string(path.size()) +
                                              " bytes; a unix socket's has 1 to 107");
  }
  path.copy(address.sun_path, path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid()) {
    return errno_status("socket", errno);
  }
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return Status(Code::kUnavailable, "connect " + path + ": " + std::strerror(errno));
  }
  return fd;
}

Result<UniqueFd> connect_tcp(const std::string& host, uint16_t port, const Cancelled& cancelled) {
  const int64_t deadline_ns = system_clock().monotonic_ns() + kConnectNs;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  Addresses found;
  if (const int error =
          ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found.list);
      error != 0) {
    return Status(Code::kUnavailable, "the name " + host + ": " + ::gai_strerror(error));
  }
  Status last(Code::kUnavailable, "the name " + host + " has no address");
  for (const addrinfo* where = found.list; where != nullptr; where = where->ai_next) {
    Result<UniqueFd> fd = connect_one(*where, deadline_ns, cancelled);
    if (fd.ok() || fd.status().code() == Code::kCancelled) {
      return fd;
    }
    last = std::move(fd).status();
  }
  return Status(Code::kUnavailable,
                "connect " + host + ":" + std::to_string(port) + ": " + last.message());
}

}  // namespace ktl::builder
