#include "builder/network.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

TEST(Network, HostsAreLowerCaseWithAPortOrWithout) {
  EXPECT_EQ(*parse_host_port("Example.ORG"), (HostPort{"example.org", 0}));
  EXPECT_EQ(*parse_host_port("example.org:443"), (HostPort{"example.org", 443}));
  EXPECT_EQ(*parse_host_port("[::1]:80"), (HostPort{"::1", 80}));
  EXPECT_EQ(*parse_host_port("127.0.0.1:5000"), (HostPort{"127.0.0.1", 5000}));
}

TEST(Network, WhatIsNoHostIsRefused) {
  for (const char* text : {"",
                           ":443",
                           "example.org.",
                           "example.org.:443",
                           "user@example.org",
                           "a b",
                           "-x",
                           ".x",
                           "a..b",
                           "example.org:0",
                           "example.org:65536",
                           "example.org:",
                           "example.org:80:80",
                           "[::1",
                           "[x]:1",
                           "::1",
                           "http://example.org",
                           "example.org/path",
                           "*.example.org",
                           "ex\xc3\xa4mple.org",
                           "%65xample.org",
                           "[::1]80"}) {
    EXPECT_EQ(parse_host_port(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Network, ProfilesAreNamed) {
  EXPECT_EQ(parse_network("internet")->kind, "internet");
  EXPECT_FALSE(parse_network("host")->own());
  EXPECT_TRUE(parse_network("none")->own());
  EXPECT_EQ(parse_network("allow:a,b:1")->hosts.size(), 2U);
  for (const char* text : {"", "Internet", "allow", "allow:", "allow:a,", "bridge"}) {
    EXPECT_EQ(parse_network(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(Network, OneListHasOneForm) {
  EXPECT_EQ(*canonical_network("allow:B:2,a,b:2"), "allow:a,b:2");
  EXPECT_EQ(*canonical_network("allow:[::1]:80"), "allow:[::1]:80");
}

}  // namespace
}  // namespace ktl::builder
