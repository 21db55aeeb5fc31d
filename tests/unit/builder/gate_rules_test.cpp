#include "builder/gate_rules.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>

namespace ktl::builder {
namespace {

Endpoint ipv4(uint32_t address) {
  Endpoint endpoint;
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  std::memcpy(&endpoint.address, &in, sizeof(in));
  endpoint.size = sizeof(in);
  return endpoint;
}

TEST(GateRules, ConnectNamesHostAndPort) {
  auto request = parse_gate_request("CONNECT Example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->connect);
  EXPECT_EQ(request->target, (HostPort{"example.org", 443}));
  EXPECT_EQ(request->head, "");
}

TEST(GateRules, TheTargetDecidesAndNotTheHostHeader) {
  auto request = parse_gate_request(
      "GET http://allowed.example/a?b HTTP/1.1\r\nHost: evil.example\r\nProxy-Connection: "
      "keep-alive\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n");
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->target, (HostPort{"allowed.example", 80}));
  EXPECT_EQ(request->head,
            "GET /a?b HTTP/1.1\r\nHost: allowed.example\r\nConnection: close\r\nAccept: "
            "*/*\r\n\r\n");
}

TEST(GateRules, WhatWouldHaveToBeGuessedIsRefused) {
  for (const char* line :
       {"GET / HTTP/1.1", "CONNECT example.org HTTP/1.1", "CONNECT a@example.org:443 HTTP/1.1",
        "CONNECT example.org.:443 HTTP/1.1", "CONNECT example.org:443:80 HTTP/1.1",
        "GET https://example.org/ HTTP/1.1", "GET http://a@example.org/ HTTP/1.1",
        "GET http://example.org\\@evil/ HTTP/1.1", "GET  http://example.org/ HTTP/1.1",
        "GET http://example.org?x HTTP/1.1", "GET http:/// HTTP/1.1", "CONNECT  HTTP/1.1",
        "GET http://example.org/ HTTP/2", "GET http://exa\tmple.org/ HTTP/1.1", "", "\r\n",
        "GET http://example.org/\nHost: x HTTP/1.1", "OPTIONS * HTTP/1.1"}) {
    EXPECT_FALSE(parse_gate_request(std::string(line) + "\r\n\r\n").ok()) << line;
  }
  EXPECT_FALSE(parse_gate_request("GET http://a/ HTTP/1.1\r\n folded\r\n\r\n").ok());
  EXPECT_FALSE(parse_gate_request("GET http://a/ HTTP/1.1\r\nnocolon\r\n\r\n").ok());
}

TEST(GateRules, TheListIsExact) {
  const std::vector<HostPort> list = {{"a.example", 0}, {"b.example", 443}};
  EXPECT_TRUE(is_listed(list, {"a.example", 81}));
  EXPECT_TRUE(is_listed(list, {"b.example", 443}));
  for (const HostPort& target :
       {HostPort{"b.example", 80}, HostPort{"x.a.example", 80}, HostPort{"aa.example", 80},
        HostPort{"example", 80}, HostPort{"127.0.0.1", 80}}) {
    EXPECT_FALSE(is_listed(list, target)) << target.host;
  }
}

TEST(GateRules, PrivateAddressesAreNotTheInternet) {
  EXPECT_TRUE(is_public(ipv4(0xc6336401)));  // 198.51.100.1
  for (uint32_t address : {0x7f000001U, 0x0a000001U, 0xac100001U, 0xc0a80001U, 0xa9fea9feU,
                           0x64400001U, 0x00000000U}) {
    EXPECT_FALSE(is_public(ipv4(address))) << std::hex << address;
  }
}

TEST(GateRules, AMappedOrLocalIpv6AddressIsNotEither) {
  for (const in6_addr& address : {in6addr_loopback, in6addr_any}) {
    Endpoint endpoint;
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_addr = address;
    std::memcpy(&endpoint.address, &in, sizeof(in));
    EXPECT_FALSE(is_public(endpoint));
  }
}

TEST(GateRules, ANameThatLeadsToLoopbackNeedsItsPortOnTheList) {
  EXPECT_EQ(resolve_target({{"localhost", 0}}, {"localhost", 80}).status().code(),
            Code::kPermissionDenied);
  EXPECT_TRUE(resolve_target({{"localhost", 80}}, {"localhost", 80}).ok());
  EXPECT_FALSE(resolve_target({{"127.1", 0}}, {"127.1", 80}).ok());
}

}  // namespace
}  // namespace ktl::builder
