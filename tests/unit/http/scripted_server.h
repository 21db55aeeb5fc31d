// A server on 127.0.0.1 that gives each connection's requests the next prepared answer.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.h"

namespace ktl::http {

class ScriptedServer {
 public:
  // An answer of "hang" keeps the connection open and says nothing.
  explicit ScriptedServer(std::vector<std::string> answers) : answers_(std::move(answers)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(listener_.get(), 8);
    socklen_t size = sizeof(address);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  // What arrived, one text a request: head and body.
  std::vector<std::string> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (const auto& answer : answers_) {
      UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      if (!peer.valid()) {
        return;
      }
      receive(peer.get());
      if (answer == "hang") {
        char byte = 0;
        [[maybe_unused]] ssize_t gone = ::read(peer.get(), &byte, 1);  // until the client leaves
      } else {
        [[maybe_unused]] ssize_t sent =
            ::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    }
  }
  void receive(int peer) {
    std::string text;
    size_t want = std::string::npos;
    while (text.size() < want) {
      char buffer[4096];
      ssize_t n = ::read(peer, buffer, sizeof(buffer));
      if (n <= 0) {
        break;
      }
      text.append(buffer, static_cast<size_t>(n));
      size_t end = text.find("\r\n\r\n");
      if (end != std::string::npos) {
        size_t length = text.find("Content-Length: ");
        want = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
      }
    }
    std::lock_guard lock(mutex_);
    requests_.push_back(text);
  }

  std::vector<std::string> answers_;
  UniqueFd listener_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

}  // namespace ktl::http
