#include "builder/frames.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace ktl::builder {
namespace {

constexpr uint32_t address(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

const AddressBlock kOwn{to_address(address(192, 0, 2, 0)), 96 + 28};
const FrameRules kRules(AddressSet({kOwn}));

std::array<uint8_t, 34> frame_to(uint32_t target, uint16_t type = 0x0800) {
  std::array<uint8_t, 34> frame{};
  frame[12] = static_cast<uint8_t>(type >> 8U);
  frame[13] = static_cast<uint8_t>(type);
  frame[14] = 0x45;
  for (unsigned i = 0; i < 4; ++i) {
    frame[30 + i] = static_cast<uint8_t>(target >> (24 - 8 * i));
  }
  return frame;
}

TEST(Frames, TheInternetMayBeReached) {
  EXPECT_TRUE(kRules.may_leave(frame_to(address(198, 51, 100, 1))));
  EXPECT_TRUE(kRules.may_leave(frame_to(address(192, 0, 2, 16))));
  EXPECT_TRUE(kRules.may_leave(frame_to(address(10, 0, 2, 3))));  // slirp's name server
}

TEST(Frames, ThisMachineItsLinksAndMetadataMayNot) {
  for (uint32_t target :
       {address(192, 0, 2, 0), address(192, 0, 2, 15), address(127, 0, 0, 1), address(127, 9, 9, 9),
        address(0, 0, 0, 0), address(169, 254, 169, 254), address(169, 254, 0, 1),
        address(10, 0, 2, 2), address(224, 0, 0, 1), address(255, 255, 255, 255),
        address(168, 63, 129, 16), address(100, 100, 100, 200), address(192, 0, 0, 192)}) {
    EXPECT_FALSE(kRules.may_leave(frame_to(target))) << std::hex << target;
  }
}

TEST(Frames, NothingButIpv4AndArpLeaves) {
  const uint32_t target = address(198, 51, 100, 1);
  EXPECT_TRUE(kRules.may_leave(frame_to(0, 0x0806)));
  for (uint16_t type : {0x86dd, 0x8100, 0x88a8, 0x8847, 0x0000}) {
    EXPECT_FALSE(kRules.may_leave(frame_to(target, type))) << type;
  }
}

TEST(Frames, ABrokenFrameDoesNotLeave) {
  const auto whole = frame_to(address(198, 51, 100, 1));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(kRules.may_leave({whole.data(), size})) << size;
  }
  auto other = whole;
  other[14] = 0x65;  // says IPv6
  EXPECT_FALSE(kRules.may_leave(other));
}

TEST(Frames, WithoutKnowingThisMachinesAddressesNothingLeaves) {
  EXPECT_FALSE(FrameRules(std::nullopt).may_leave(frame_to(address(198, 51, 100, 1))));
}

}  // namespace
}  // namespace ktl::builder
