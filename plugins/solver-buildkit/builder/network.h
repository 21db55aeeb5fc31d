// What a private builder and its RUN steps reach: the network profile of an instance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::builder {

// A host name, or an address that was listed as one; port 0: any.
struct HostPort {
  std::string host;  // lower case, no trailing dot; an IPv6 address without brackets
  uint16_t port = 0;

  bool operator==(const HostPort&) const = default;
};

// `kind` is one of "internet", "none", "allow", "host"; the hosts are those of "allow".
struct Network {
  std::string kind;
  std::vector<HostPort> hosts;

  // Has a network namespace of its own.
  [[nodiscard]] bool own() const { return kind != "host"; }
};

// "example.org", "Example.org:443", "[::1]:80". kInvalidArgument for what is no name or address.
Result<HostPort> parse_host_port(std::string_view text);

// A profile as settings have it: "internet", "none", "host", or "allow:HOST[:PORT],...".
// kInvalidArgument says what is wrong.
Result<Network> parse_network(const std::string& text);

// The same profile in its one form: hosts in lower case, sorted, each once. Two spellings of one
// list are one builder.
Result<std::string> canonical_network(const std::string& text);

// What it means, for people.
std::string network_note(const Network& network);

}  // namespace ktl::builder
