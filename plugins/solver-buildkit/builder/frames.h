// Which of the jail's frames may go out, and carrying those that may.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/fd.h"
#include "builder/own_addresses.h"

namespace ktl::builder {

// Of the profile "internet": IPv4 and ARP, but nothing for this machine itself, for its links, for
// a cloud's metadata service or for many at once. Addresses in host byte order. Without `own`, the
// addresses of this machine, nothing may leave but ARP.
class FrameRules {
 public:
  explicit FrameRules(std::optional<AddressSet> own) : own_(std::move(own)) {}
  // An Ethernet frame as the jail sent it. [any thread]
  [[nodiscard]] bool may_leave(std::span<const uint8_t> frame) const;
  [[nodiscard]] bool may_reach(uint32_t address) const;

 private:
  std::optional<AddressSet> own_;
};

// Carries frames between the tap device and `uplink` (a seqpacket socket, one frame a packet),
// which must not block, until `stop` is readable or either end is gone. What the rules refuse is
// dropped. Looks for new addresses of this machine once a second while frames go out. Sleeps while
// nothing happens.
void carry_frames(int tap, int uplink, int stop);

}  // namespace ktl::builder
