#include "lock/kept_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

namespace ktl::lock {
namespace {

constexpr size_t kMostHead = 64U << 10U;
constexpr size_t kMostAnswers = 64;
constexpr int kPatienceS = 30;
constexpr std::string_view kNo =
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

// 128 bits that nobody knows. Without them there is nothing to serve by.
std::string random_name() {
  std::array<uint8_t, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    std::abort();  // getrandom(2) does not fail for so few
  }
  std::string text;
  for (uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4U];
    text += "0123456789abcdef"[byte & 15U];
  }
  return text;
}

// "GET /path HTTP/1.1" gives "/path"; empty: anything else.
std::string path_in(std::string_view head) {
  constexpr std::string_view kGet = "GET ";
  if (!head.starts_with(kGet)) {
    return {};
  }
  head.remove_prefix(kGet.size());
  return std::string(head.substr(0, head.find(' ')));
}

std::string read_head(int connection) {
  std::string head;
  std::array<char, 4096> piece{};
  while (head.size() < kMostHead && head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(connection, piece.data(), piece.size(), 0);
    if (got <= 0) {
      return {};
    }
    head.append(piece.data(), static_cast<size_t>(got));
  }
  return head;
}

void be_patient(int connection) {
  const timeval patience{kPatienceS, 0};
  ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

}  // namespace

KeptServer::KeptServer(Listener listener, Open open)
    : open_(std::move(open)),
      listener_(std::move(listener.fd)),
      stop_(::eventfd(0, EFD_CLOEXEC)),
      secret_("/" + random_name() + "/"),
      base_("http://127.0.0.1:" + std::to_string(listener.port) +
            secret_.substr(0, secret_.size() - 1)),
      accepting_([this] { run(); }) {}

KeptServer::~KeptServer() {
  ::eventfd_write(stop_.get(), 1);
  accepting_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : connections_) {
      ::shutdown(connection, SHUT_RDWR);
    }
  }
  answering_.clear();
}

void KeptServer::add(const std::string& name, const std::string& digest, const std::string& type) {
  const std::lock_guard lock(mutex_);
  items_[secret_ + name] = {digest, type};
}

void KeptServer::run() {
  std::array<pollfd, 2> wait{{{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  while (wait[1].revents == 0) {
    if (::poll(wait.data(), wait.size(), -1) < 0 || (wait[0].revents & POLLIN) == 0) {
      continue;
    }
    const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) {
      continue;
    }
    if (answering_.size() >= kMostAnswers) {
      answering_.erase(answering_.begin());  // waits for the oldest
    }
    const std::lock_guard lock(mutex_);
    connections_.insert(connection);
    answering_.emplace_back([this, connection] { answer(connection); });
  }
}

void KeptServer::answer(int connection) {
  be_patient(connection);
  if (!send(connection, read_head(connection)).ok()) {
    ::send(connection, kNo.data(), kNo.size(), MSG_NOSIGNAL);
  }
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  const UniqueFd closed(connection);
}

Result<KeptServer::Item> KeptServer::item_at(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = items_.find(path);
  return found == items_.end() ? Result<Item>(Status(Code::kNotFound, "nothing of that name"))
                               : found->second;
}

// A failure means that nothing was sent.
Status KeptServer::send(int connection, const std::string& head) const {
  KTL_ASSIGN(const Item item, item_at(path_in(head)));
  KTL_ASSIGN(const UniqueFd file, open_(item.digest));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) {
    return errno_status("stat " + item.digest, errno);
  }
  std::string answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ";
  answer += std::to_string(info.st_size) + "\r\n";
  answer += item.type.empty() ? "" : "Content-Type: " + item.type + "\r\n";
  answer += "\r\n";
  ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_MORE);
  off_t offset = 0;
  while (offset < info.st_size) {
    if (::sendfile(connection, file.get(), &offset, static_cast<size_t>(info.st_size - offset)) <=
        0) {
      break;  // whoever reads sees that it is too short
    }
  }
  return {};
}

}  // namespace ktl::lock
