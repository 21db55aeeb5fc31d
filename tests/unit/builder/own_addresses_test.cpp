#include "builder/own_addresses.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

namespace ktl::builder {
namespace {

IpAddress at(const std::string& text) {
  in6_addr six{};
  EXPECT_EQ(::inet_pton(AF_INET6, text.c_str(), &six), 1) << text;
  return to_address(six);
}

TEST(OwnAddresses, ASetHasWhatItsBlocksHave) {
  const AddressSet set({{at("2001:db8:1::"), 48},
                        {at("::ffff:198.51.100.64"), 96 + 26},
                        {at("::ffff:203.0.113.2"), 128}});
  for (const char* in : {"2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff",
                         "::ffff:198.51.100.64", "::ffff:198.51.100.127", "::ffff:203.0.113.2"}) {
    EXPECT_TRUE(set.contains(at(in))) << in;
  }
  for (const char* out : {"2001:db8::ffff", "2001:db8:2::", "::ffff:198.51.100.63",
                          "::ffff:198.51.100.128", "::ffff:203.0.113.1", "::ffff:203.0.113.3",
                          "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}) {
    EXPECT_FALSE(set.contains(at(out))) << out;
  }
}

TEST(OwnAddresses, BlocksMayLieInEachOther) {
  const AddressSet set({{at("::ffff:127.0.0.1"), 128},
                        {at("::ffff:127.0.0.0"), 96 + 8},
                        {at("::ffff:127.255.255.255"), 128},
                        {at("::ffff:127.3.0.0"), 96 + 16}});
  EXPECT_TRUE(set.contains(at("::ffff:127.4.0.1")));
  EXPECT_FALSE(set.contains(at("::ffff:128.0.0.0")));
  EXPECT_FALSE(AddressSet({}).contains(at("::")));
  EXPECT_TRUE(AddressSet({{at("::"), 0}}).contains(at("2001:db8::1")));
}

// All of 127.0.0.0/8 is a route to this machine, of which its interface has one address.
TEST(OwnAddresses, TheKernelSaysWhatARouteMakesLocal) {
  const auto own = own_addresses();
  ASSERT_TRUE(own.has_value());
  EXPECT_TRUE(own->contains(to_address(INADDR_LOOPBACK)));
  EXPECT_TRUE(own->contains(to_address(0x7f4d0001)));   // 127.77.0.1
  EXPECT_FALSE(own->contains(to_address(0xcb007101)));  // 203.0.113.1
}

}  // namespace
}  // namespace ktl::builder
