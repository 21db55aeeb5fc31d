// The addresses that this machine itself answers at.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace ktl::builder {

// 16 bytes in network order; IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
using IpAddress = std::array<uint8_t, 16>;

IpAddress to_address(uint32_t ipv4);  // in host byte order
IpAddress to_address(const in6_addr& ipv6);

// All addresses that begin as `network` does, in its first `bits` of 128.
struct AddressBlock {
  IpAddress network{};
  unsigned bits = 128;
};

// A set of addresses, fixed when made: one that has many is searched as fast as one that has few.
// [any thread]
class AddressSet {
 public:
  explicit AddressSet(const std::vector<AddressBlock>& blocks);
  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  struct Range {
    IpAddress first;
    IpAddress last;
  };
  std::vector<Range> ranges_;  // sorted; none touches another
};

// What the kernel delivers to this network namespace's own processes, of both versions: not only
// what interfaces have, also whole prefixes that a route makes local (AnyIP: `ip route add local
// 198.51.100.0/24 dev lo`). A default route of type "local" counts in the tables that every packet
// is looked up in; in others it is the usual way to a transparent proxy. Follows rtnetlink(7).
// Nothing when the kernel does not say, or more than 65536 prefixes.
std::optional<AddressSet> own_addresses();

}  // namespace ktl::builder
