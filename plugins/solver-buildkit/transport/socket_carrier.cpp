#include "transport/socket_carrier.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ktl::solver {
namespace {

bool not_now(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

Status broken(int error) {
  return {Code::kUnavailable, std::string("the connection broke: ") + std::strerror(error)};
}

}  // namespace

SocketCarrier::SocketCarrier(UniqueFd socket) : socket_(std::move(socket)) {
  ::fcntl(socket_.get(), F_SETFL, ::fcntl(socket_.get(), F_GETFL) | O_NONBLOCK);
}

Result<size_t> SocketCarrier::read(std::span<char> buffer) {
  const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (n == 0) {
    return Status(Code::kUnavailable, "the other side closed the connection");
  }
  if (n < 0 && !not_now(errno)) {
    return broken(errno);
  }
  return static_cast<size_t>(std::max<ssize_t>(n, 0));
}

Result<size_t> SocketCarrier::write(std::string_view bytes) {
  const ssize_t n = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (n < 0 && !not_now(errno)) {
    return broken(errno);
  }
  return static_cast<size_t>(std::max<ssize_t>(n, 0));
}

}  // namespace ktl::solver
