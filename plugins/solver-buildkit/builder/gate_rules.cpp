#include "builder/gate_rules.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "builder/frames.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxHeaders = 100;
constexpr uint16_t kHttp = 80;

Status bad(const std::string& why) { return {Code::kInvalidArgument, why}; }

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

bool printable(std::string_view line) {
  return std::ranges::all_of(line, [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  });
}

std::vector<std::string_view> lines_of(std::string_view head) {
  std::vector<std::string_view> lines;
  for (size_t begin = 0; begin < head.size();) {
    size_t end = std::min(head.find("\r\n", begin), head.size());
    lines.push_back(head.substr(begin, end - begin));
    begin = end + 2;
  }
  return lines;
}

// Names of one hop's business, and what the gate says itself.
bool is_dropped(const std::string& name) {
  static const std::array<const char*, 7> kDropped = {
      "host", "connection", "proxy-connection", "keep-alive", "proxy-authorization",
      "te",   "upgrade"};
  return std::ranges::any_of(kDropped, [&](const char* each) { return name == each; });
}

// What the target gets: its own form of the target, its own Host, and one request only, since the
// next one on this connection might be for another host.
Result<std::string> rewritten(const std::vector<std::string_view>& lines, std::string_view method,
                              std::string_view path, std::string_view authority) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", method,
                                 path.empty() ? "/" : path, authority);
  for (size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
    const size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos || colon == 0 || lines[i][0] == ' ' ||
        lines[i][0] == '\t') {
      return bad("a header line without a name");
    }
    if (!is_dropped(lower(lines[i].substr(0, colon)))) {
      head += std::string(lines[i]) + "\r\n";
    }
  }
  return head + "\r\n";
}

bool in_block(uint32_t address, uint32_t network, unsigned bits) {
  const uint32_t mask = ~uint32_t{0} << (32U - bits);
  return (address & mask) == network;
}

bool is_public_ipv4(uint32_t address, const std::optional<AddressSet>& own) {
  return FrameRules(own).may_reach(address) && !in_block(address, 0x0a000000, 8) &&
         !in_block(address, 0xac100000, 12) && !in_block(address, 0xc0a80000, 16) &&
         !in_block(address, 0x64400000, 10);
}

bool is_public_ipv6(const in6_addr& address, const std::optional<AddressSet>& own) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    uint32_t inner = 0;
    std::memcpy(&inner, address.s6_addr + 12, sizeof(inner));
    return is_public_ipv4(ntohl(inner), own);
  }
  return own && !own->contains(to_address(address)) &&
         (address.s6_addr[0] & 0xe0U) == 0x20 &&                       // 2000::/3 is all there is
         !(address.s6_addr[0] == 0x20 && address.s6_addr[1] == 0x02);  // 6to4: IPv4 once more
}

}  // namespace

Result<GateRequest> parse_gate_request(std::string_view head) {
  const std::vector<std::string_view> lines = lines_of(head);
  if (lines.empty() || lines.size() > kMaxHeaders || !std::ranges::all_of(lines, printable)) {
    return bad("no HTTP request");
  }
  const size_t first = lines[0].find(' ');
  const size_t last = lines[0].rfind(' ');
  if (first == std::string_view::npos || last <= first + 1 ||
      !lines[0].substr(last + 1).starts_with("HTTP/1.")) {
    return bad("no HTTP/1 request line");
  }
  GateRequest request;
  request.method = lines[0].substr(0, first);
  std::string_view target = lines[0].substr(first + 1, last - first - 1);
  request.connect = request.method == "CONNECT";
  std::string_view path;
  if (!request.connect) {
    constexpr std::string_view kScheme = "http://";
    if (lower(target.substr(0, kScheme.size())) != kScheme) {
      return bad("a target that is not http://HOST/...");
    }
    target.remove_prefix(kScheme.size());
    const size_t slash = std::min(target.find_first_of("/?#"), target.size());
    path = target.substr(slash);
    target = target.substr(0, slash);
    if (!path.empty() && path[0] != '/') {
      return bad("a target without a path");
    }
  }
  KTL_ASSIGN(request.target, parse_host_port(target));
  if (request.target.port == 0) {
    if (request.connect) {
      return bad("CONNECT without a port");
    }
    request.target.port = kHttp;
  }
  if (!request.connect) {
    KTL_ASSIGN(request.head, rewritten(lines, request.method, path, target));
  }
  return request;
}

bool is_listed(const std::vector<HostPort>& list, const HostPort& target) {
  return std::ranges::any_of(list, [&](const HostPort& each) {
    return each.host == target.host && (each.port == 0 || each.port == target.port);
  });
}

bool is_public(const Endpoint& endpoint) {
  const std::optional<AddressSet> own = own_addresses();
  if (endpoint.address.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &endpoint.address, sizeof(address));
    return is_public_ipv4(ntohl(address.sin_addr.s_addr), own);
  }
  sockaddr_in6 address{};
  std::memcpy(&address, &endpoint.address, sizeof(address));
  return endpoint.address.ss_family == AF_INET6 && is_public_ipv6(address.sin6_addr, own);
}

Result<std::vector<Endpoint>> resolve_target(const std::vector<HostPort>& list,
                                             const HostPort& target) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (error != 0) {
    return Status(Code::kUnavailable, fmt::format("{}: {}", target.host, ::gai_strerror(error)));
  }
  const bool named_with_port = std::ranges::find(list, target) != list.end();
  std::vector<Endpoint> endpoints;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    Endpoint endpoint;
    endpoint.size = std::min<socklen_t>(each->ai_addrlen, sizeof(endpoint.address));
    std::memcpy(&endpoint.address, each->ai_addr, endpoint.size);
    if (named_with_port || is_public(endpoint)) {
      endpoints.push_back(endpoint);
    }
  }
  if (endpoints.empty()) {
    return Status(Code::kPermissionDenied,
                  target.host + " leads to an address of this machine or of a private network")
        .advise(fmt::format("list it with its port: {}:{}", target.host, target.port));
  }
  return endpoints;
}

}  // namespace ktl::builder
