#include "builder/gate_talk.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/base64.h"
#include "base/clock.h"
#include "builder/gate_rules.h"
#include "builder/pump.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxHead = 16U << 10U;
constexpr int64_t kHeadMs = 10'000;
constexpr int kConnectMs = 30'000;
constexpr int64_t kIdleMs = 300'000;
constexpr std::string_view kEnd = "\r\n\r\n";

bool wait_for(int fd, short events, int64_t wait_ms, int stop) {
  std::array<pollfd, 2> fds = {{{fd, events, 0}, {stop, POLLIN, 0}}};
  return ::poll(fds.data(), fds.size(), static_cast<int>(std::max<int64_t>(wait_ms, 0))) > 0 &&
         fds[1].revents == 0 && fds[0].revents != 0;
}

bool send_text(int fd, std::string_view text, int stop) {
  while (!text.empty()) {
    const ssize_t size = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size > 0) {
      text.remove_prefix(static_cast<size_t>(size));
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR) ||
               !wait_for(fd, POLLOUT, kHeadMs, stop)) {
      return false;
    }
  }
  return true;
}

// The head with its empty line in `head`, what came after it in `rest`.
bool read_head(int fd, int stop, std::string& head, std::string& rest) {
  const int64_t deadline = system_clock().monotonic_ns() / 1'000'000 + kHeadMs;
  while (head.size() < kMaxHead) {
    std::array<char, 4096> buffer{};
    if (!wait_for(fd, POLLIN, deadline - system_clock().monotonic_ns() / 1'000'000, stop)) {
      return false;
    }
    const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size <= 0) {
      return false;
    }
    head.append(buffer.data(), static_cast<size_t>(size));
    if (const size_t end = head.find(kEnd); end != std::string::npos) {
      rest = head.substr(end + kEnd.size());
      head.resize(end + kEnd.size());
      return true;
    }
  }
  return false;
}

void answer(int fd, int stop, std::string_view status, const std::string& why) {
  const std::string body = "ktl gate: " + why + "\n";
  static_cast<void>(
      send_text(fd,
                fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: "
                            "{}\r\nConnection: close\r\n\r\n{}",
                            status, body.size(), body),
                stop));
}

UniqueFd connect_one(const Endpoint& endpoint, int stop) {
  UniqueFd fd(::socket(endpoint.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
  if (!fd.valid()) {
    return {};
  }
  if (::connect(fd.get(), address, endpoint.size) != 0) {
    int error = errno;
    socklen_t size = sizeof(error);
    if (error != EINPROGRESS || !wait_for(fd.get(), POLLOUT, kConnectMs, stop) ||
        ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
      return {};
    }
  }
  return fd;
}

UniqueFd connect_any(const std::vector<Endpoint>& endpoints, int stop) {
  for (const Endpoint& endpoint : endpoints) {
    if (UniqueFd fd = connect_one(endpoint, stop); fd.valid()) {
      return fd;
    }
  }
  return {};
}

bool goes_direct(const GateSettings& settings, const std::string& host) {
  return settings.upstream.empty() || std::ranges::any_of(settings.direct, [&](std::string name) {
           while (name.starts_with('.')) {
             name.erase(0, 1);
           }
           return name == "*" || name == host || (!name.empty() && host.ends_with("." + name));
         });
}

// The machine's own proxy: "http://user:password@host:port".
struct Upstream {
  HostPort at;
  std::string authorization;  // a header line, or nothing
};

Result<Upstream> parse_upstream(std::string url) {
  if (const size_t scheme = url.find("://"); scheme != std::string::npos) {
    url = url.substr(scheme + 3);
  }
  url = url.substr(0, url.find('/'));
  Upstream upstream;
  if (const size_t at = url.rfind('@'); at != std::string::npos) {
    upstream.authorization =
        "Proxy-Authorization: Basic " + base64_encode(url.substr(0, at)) + "\r\n";
    url = url.substr(at + 1);
  }
  KTL_ASSIGN(upstream.at, parse_host_port(url));
  upstream.at.port = upstream.at.port == 0 ? kGatePort : upstream.at.port;
  return upstream;
}

// The proxy's answer to CONNECT; what it says besides is dropped.
bool open_tunnel(int fd, const Upstream& upstream, const HostPort& target, int stop) {
  const bool ipv6 = target.host.find(':') != std::string::npos;
  const std::string name =
      fmt::format("{}{}{}:{}", ipv6 ? "[" : "", target.host, ipv6 ? "]" : "", target.port);
  std::string head;
  std::string rest;
  return send_text(fd,
                   fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n{1}\r\n", name,
                               upstream.authorization),
                   stop) &&
         read_head(fd, stop, head, rest) && rest.empty() && head.size() > 12 &&
         head.substr(8, 2) == " 2";
}

Result<UniqueFd> reach(const GateSettings& settings, const GateRequest& request, int stop) {
  if (goes_direct(settings, request.target.host)) {
    KTL_ASSIGN(std::vector<Endpoint> endpoints, resolve_target(settings.allowed, request.target));
    UniqueFd fd = connect_any(endpoints, stop);
    return fd.valid() ? Result<UniqueFd>(std::move(fd))
                      : Status(Code::kUnavailable, request.target.host + " does not answer");
  }
  KTL_ASSIGN(Upstream upstream, parse_upstream(settings.upstream));
  KTL_ASSIGN(std::vector<Endpoint> endpoints, resolve_target({upstream.at}, upstream.at));
  UniqueFd fd = connect_any(endpoints, stop);
  if (!fd.valid() || !open_tunnel(fd.get(), upstream, request.target, stop)) {
    return Status(Code::kUnavailable,
                  "this machine's proxy does not lead to " + request.target.host);
  }
  return fd;
}

// Nothing in `entry` is said before it is known.
void serve(int client, const GateSettings& settings, int stop, GateEntry& entry) {
  std::string head;
  std::string rest;
  if (!read_head(client, stop, head, rest)) {
    entry.reason = "no whole request";
    return answer(client, stop, "400 Bad Request", entry.reason);
  }
  auto request = parse_gate_request(head);
  if (!request.ok()) {
    entry.reason = request.status().message();
    return answer(client, stop, "400 Bad Request", entry.reason);
  }
  entry.target = request->target;
  entry.method = request->method;
  if (!is_listed(settings.allowed, request->target)) {
    entry.reason = "is not on this builder's list";
    return answer(client, stop, "403 Forbidden", request->target.host + " " + entry.reason);
  }
  auto target = reach(settings, *request, stop);
  if (!target.ok()) {
    entry.reason = target.status().message();
    const bool refused = target.status().code() == Code::kPermissionDenied;
    return answer(client, stop, refused ? "403 Forbidden" : "502 Bad Gateway", entry.reason);
  }
  entry.allowed = true;
  const std::string first = request->head + rest;
  if ((request->connect &&
       !send_text(client, "HTTP/1.1 200 Connection established\r\n\r\n", stop)) ||
      !send_text(target->get(), first, stop)) {
    entry.reason = "the connection broke";
    return;
  }
  const Pumped pumped = pump(client, target->get(), stop, kIdleMs);
  entry.sent = static_cast<int64_t>(first.size()) + pumped.there;
  entry.received = pumped.back;
}

Endpoint loopback(uint16_t port, bool ipv6) {
  Endpoint endpoint;
  if (ipv6) {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = in6addr_loopback;
    endpoint.size = sizeof(address);
    std::memcpy(&endpoint.address, &address, sizeof(address));
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    endpoint.size = sizeof(address);
    std::memcpy(&endpoint.address, &address, sizeof(address));
  }
  return endpoint;
}

}  // namespace

void talk_to_client(const UniqueFd& client, const GateSettings& settings, GateJournal& journal,
                    int stop) {
  GateEntry entry;
  serve(client.get(), settings, stop, entry);
  journal.add(entry);
}

void forward_client(const UniqueFd& client, uint16_t port, GateJournal& journal, int stop) {
  GateEntry entry{{"127.0.0.1", port}, "forward", true, "", 0, 0};
  UniqueFd target = connect_any({loopback(port, false), loopback(port, true)}, stop);
  if (target.valid()) {
    const Pumped pumped = pump(client.get(), target.get(), stop, kIdleMs);
    entry.sent = pumped.there;
    entry.received = pumped.back;
  } else {
    entry.reason = "nobody listens there";
  }
  journal.add(entry);
}

}  // namespace ktl::builder
