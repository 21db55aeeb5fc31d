#include "builder/network.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/number.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxHosts = 256;
constexpr size_t kMaxName = 253;
constexpr std::string_view kAllow = "allow:";

Status bad(std::string_view text, const std::string& why) {
  return Status(Code::kInvalidArgument, fmt::format("'{}' is {}", valid_utf8(text), why))
      .advise("write HOST or HOST:PORT, several with commas: registry.example.org,example.org:443");
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= kMaxName && host.front() != '-' && host.front() != '.' &&
         host.find("..") == std::string_view::npos && std::ranges::all_of(host, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                  c == '_';
         });
}

bool is_ipv6(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

std::string spelled(const HostPort& host) {
  std::string name = host.host.find(':') == std::string::npos ? host.host : "[" + host.host + "]";
  return host.port == 0 ? name : fmt::format("{}:{}", name, host.port);
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  std::string port;
  HostPort parsed;
  if (lower.starts_with('[')) {
    size_t end = lower.find(']');
    if (end == std::string::npos || !is_ipv6(lower.substr(1, end - 1))) {
      return bad(text, "no address in brackets");
    }
    parsed.host = lower.substr(1, end - 1);
    port = lower.substr(end + 1);
  } else {
    size_t colon = lower.find(':');
    parsed.host = lower.substr(0, colon);
    port = colon == std::string::npos ? "" : lower.substr(colon);
    if (!is_name(parsed.host) || parsed.host.ends_with('.')) {
      return bad(text, "no name of a host");
    }
  }
  if (!port.empty()) {
    auto number =
        port.front() == ':' ? whole_number(std::string_view(port).substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > UINT16_MAX) {
      return bad(text, "no host with a port of 1 to 65535");
    }
    parsed.port = static_cast<uint16_t>(*number);
  }
  return parsed;
}

Result<Network> parse_network(const std::string& text) {
  if (text == "internet" || text == "none" || text == "host") {
    return Network{text, {}};
  }
  if (!text.starts_with(kAllow)) {
    return Status(Code::kInvalidArgument, "there is no network profile '" + valid_utf8(text) + "'")
        .advise("one of internet, none, host, allow:HOST[:PORT],...");
  }
  Network network{"allow", {}};
  std::string_view rest = std::string_view(text).substr(kAllow.size());
  for (size_t begin = 0; begin <= rest.size();) {
    size_t comma = std::min(rest.find(',', begin), rest.size());
    KTL_ASSIGN(HostPort host, parse_host_port(rest.substr(begin, comma - begin)));
    network.hosts.push_back(std::move(host));
    begin = comma + 1;
  }
  if (network.hosts.size() > kMaxHosts) {
    return Status(Code::kInvalidArgument, fmt::format("more than {} hosts are allowed", kMaxHosts));
  }
  return network;
}

Result<std::string> canonical_network(const std::string& text) {
  KTL_ASSIGN(Network network, parse_network(text));
  if (network.kind != "allow") {
    return network.kind;
  }
  std::set<std::string> hosts;
  for (const HostPort& host : network.hosts) {
    hosts.insert(spelled(host));
  }
  return fmt::format("{}{}", kAllow, fmt::join(hosts, ","));
}

std::string network_note(const Network& network) {
  if (network.kind == "internet") {
    return "internet: no address of this machine, of its links or of a cloud's metadata";
  }
  if (network.kind == "none") {
    return "none: loopback of the builder's own only";
  }
  if (network.kind == "host") {
    return "host: RUN steps reach what this machine reaches, its loopback included";
  }
  std::vector<std::string> hosts;
  for (const HostPort& host : network.hosts) {
    hosts.push_back(spelled(host));
  }
  return fmt::format("allow: {} and nothing else", fmt::join(hosts, ", "));
}

}  // namespace ktl::builder
