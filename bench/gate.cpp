// How fast a builder's gate is against a transfer without it; bench/gate builds and runs this.
//
// A server in a process of its own sends `MIB` to each client, over loopback. In turn, in one run:
// one connection and sixteen, straight and through the gate (CONNECT). The median of the rounds.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "builder/gate.h"

namespace ktl::builder {
namespace {

constexpr size_t kChunk = 256U << 10U;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd listen_somewhere(uint16_t& port, int flags) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(fd.get(), 64) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("listen");
    std::exit(1);
  }
  port = ntohs(address.sin_port);
  return fd;
}

// Sends to whoever connects and sends a line.
[[noreturn]] void serve(const UniqueFd& listener, size_t bytes) {
  const std::string chunk(kChunk, 'x');
  while (true) {
    UniqueFd client(::accept(listener.get(), nullptr, nullptr));
    std::thread([&chunk, bytes, client = std::move(client)] {
      char line[16];
      static_cast<void>(::read(client.get(), line, sizeof(line)));
      for (size_t left = bytes; left > 0;) {
        const ssize_t sent =
            ::send(client.get(), chunk.data(), std::min(left, kChunk), MSG_NOSIGNAL);
        if (sent <= 0) {
          return;
        }
        left -= static_cast<size_t>(sent);
      }
    }).detach();
  }
}

size_t fetch(uint16_t port, const std::string& request) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  std::vector<char> buffer(kChunk);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return 0;
  }
  if (!request.empty()) {
    static_cast<void>(write_all(fd.get(), request));
    static_cast<void>(::read(fd.get(), buffer.data(), buffer.size()));  // 200
  }
  static_cast<void>(write_all(fd.get(), "go\n"));
  size_t total = 0;
  for (ssize_t size = 0; (size = ::read(fd.get(), buffer.data(), buffer.size())) > 0;) {
    total += static_cast<size_t>(size);
  }
  return total;
}

// MiB/s of `connections` at once.
double rate(int connections, size_t bytes, uint16_t port, const std::string& request) {
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> clients;
  std::vector<size_t> got(static_cast<size_t>(connections));
  for (size_t& each : got) {
    clients.emplace_back([&] { each = fetch(port, request); });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  if (std::ranges::any_of(got, [&](size_t each) { return each != bytes; })) {
    std::puts("a transfer was not whole");
    std::exit(1);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  return static_cast<double>(bytes) * connections / (1 << 20) / took.count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

int run(size_t bytes, int rounds) {
  uint16_t port = 0;
  uint16_t gate_port = 0;
  UniqueFd server = listen_somewhere(port, 0);
  const pid_t child = ::fork();
  if (child == 0) {
    serve(server, bytes);
  }
  Gate gate({{{"127.0.0.1", port}}, "", {}, "/dev/null"},
            [](const sockaddr_in&, uint16_t) { return true; });
  gate.serve_proxy(listen_somewhere(gate_port, SOCK_NONBLOCK));
  const std::string connect = "CONNECT 127.0.0.1:" + std::to_string(port) + " HTTP/1.1\r\n\r\n";
  for (int connections : {1, 16}) {
    std::vector<double> straight;
    std::vector<double> gated;
    const size_t each = bytes;
    for (int round = 0; round < rounds; ++round) {
      straight.push_back(rate(connections, each, port, ""));
      gated.push_back(rate(connections, each, gate_port, connect));
    }
    std::printf("%2d connections: straight %7.0f MiB/s, through the gate %7.0f MiB/s, ratio %.2f\n",
                connections, median(straight), median(gated), median(gated) / median(straight));
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace ktl::builder

int main(int argc, char** argv) {
  const size_t mib = argc > 1 ? static_cast<size_t>(std::atol(argv[1])) : 256;
  return ktl::builder::run(mib << 20U, argc > 2 ? std::atoi(argv[2]) : 9);
}
