#include "builder/frames.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "base/clock.h"

namespace ktl::builder {
namespace {

constexpr size_t kEthernet = 14;
constexpr size_t kShortestIpv4 = 20;
constexpr size_t kTargetOffset = 16;
constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kArp = 0x0806;
constexpr size_t kMaxFrame = 1U << 17U;
constexpr int64_t kRefreshNs = 1'000'000'000;

struct Block {
  uint32_t network;
  unsigned bits;
};

// RFC 6890 and what clouds answer at; slirp's own gateway would be this machine's loopback.
constexpr std::array<Block, 9> kRefused = {{
    {0x00000000, 8},   // this network
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local: 169.254.169.254 is most clouds' metadata service
    {0x646464c8, 32},  // 100.100.100.200: Alibaba's metadata service
    {0xa83f8110, 32},  // 168.63.129.16: Azure's
    {0xc00000c0, 32},  // 192.0.0.192: Oracle's
    {0x0a000202, 32},  // 10.0.2.2
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
}};

uint16_t number_at(std::span<const uint8_t> bytes, size_t at) {
  return static_cast<uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

// One frame from one end to the other; false when the sending end is gone.
bool carry(int from, int to, std::span<uint8_t> buffer, const FrameRules* rules) {
  for (int burst = 0; burst < 64; ++burst) {
    const ssize_t size = ::read(from, buffer.data(), buffer.size());
    if (size < 0) {
      return errno == EAGAIN || errno == EINTR;
    }
    if (size == 0) {
      return false;
    }
    const auto frame = buffer.first(static_cast<size_t>(size));
    if (rules == nullptr || rules->may_leave(frame)) {
      // A full queue drops frames, as a wire would.
      static_cast<void>(::write(to, frame.data(), frame.size()));
    }
  }
  return true;
}

}  // namespace

bool FrameRules::may_reach(uint32_t address) const {
  const bool refused = std::ranges::any_of(kRefused, [address](const Block& block) {
    const uint32_t mask = ~uint32_t{0} << (32U - block.bits);
    return (address & mask) == (block.network & mask);
  });
  return !refused && own_ && !own_->contains(to_address(address));
}

bool FrameRules::may_leave(std::span<const uint8_t> frame) const {
  if (frame.size() < kEthernet) {
    return false;
  }
  const uint16_t type = number_at(frame, kEthernet - 2);
  if (type == kArp) {
    return true;  // answered by slirp for its own network alone
  }
  if (type != kIpv4 || frame.size() < kEthernet + kShortestIpv4 || frame[kEthernet] >> 4U != 4) {
    return false;
  }
  const size_t at = kEthernet + kTargetOffset;
  return may_reach(uint32_t{number_at(frame, at)} << 16U | number_at(frame, at + 2));
}

void carry_frames(int tap, int uplink, int stop) {
  std::vector<uint8_t> buffer(kMaxFrame);
  FrameRules rules(own_addresses());
  int64_t looked = system_clock().monotonic_ns();
  while (true) {
    std::array<pollfd, 3> fds = {{{tap, POLLIN, 0}, {uplink, POLLIN, 0}, {stop, POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) {
      return;
    }
    if (fds[2].revents != 0) {
      return;
    }
    if (fds[0].revents != 0 && system_clock().monotonic_ns() - looked > kRefreshNs) {
      rules = FrameRules(own_addresses());
      looked = system_clock().monotonic_ns();
    }
    if ((fds[0].revents != 0 && !carry(tap, uplink, buffer, &rules)) ||
        (fds[1].revents != 0 && !carry(uplink, tap, buffer, nullptr))) {
      return;
    }
  }
}

}  // namespace ktl::builder
