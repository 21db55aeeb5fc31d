#include "http/url.h"

#include <gtest/gtest.h>

namespace ktl::http {
namespace {

TEST(Url, TakesThePartsApart) {
  const std::pair<const char*, const char*> kCases[] = {
      {"https://Ghcr.IO/v2/a?b=c#frag", "https://ghcr.io/v2/a?b=c"},
      {"http://127.0.0.1:5000", "http://127.0.0.1:5000/"},
      {"https://h:443/x", "https://h/x"},
      {"http://[::1]:80/", "http://[::1]/"},
      {"https://[::1]/x", "https://[::1]/x"},
      {"https://h?q=1", "https://h/?q=1"},
      {"HTTPS://h/a:b@c", "https://h/a:b@c"},
  };
  for (const auto& [text, whole] : kCases) {
    auto url = parse_url(text);
    ASSERT_TRUE(url.ok()) << text << ": " << url.status().message();
    EXPECT_EQ(url->str(), whole);
  }
}

TEST(Url, RefusesWhatAServerCouldTrickUsWith) {
  for (const char* text :
       {"", "ftp://h/", "file:///etc/passwd", "//h/", "https://user:pw@h/", "https://h:0/",
        "https://h:65536/", "https://h:5x/", "https:///x", "http://h /", "http://h/\r\nX: y",
        "https://h\\@evil/", "https://[::1/", "https://h:/", "http://a%2eb/"}) {
    EXPECT_FALSE(parse_url(text).ok()) << text;
  }
  EXPECT_FALSE(parse_url("https://h/" + std::string(9000, 'a')).ok());
}

TEST(Url, ResolvesLocations) {
  Url base = *parse_url("https://h:1/v2/app/blobs/?x=1");
  const std::pair<const char*, const char*> kCases[] = {
      {"https://o/p", "https://o/p"},
      {"//o/p", "https://o/p"},
      {"/p?q=2", "https://h:1/p?q=2"},
      {"uploads/1", "https://h:1/v2/app/blobs/uploads/1"},
      {"?y=2", "https://h:1/v2/app/blobs/?y=2"},
      {"/p?u=http://x", "https://h:1/p?u=http://x"},
  };
  for (const auto& [reference, whole] : kCases) {
    auto url = resolve(base, reference);
    ASSERT_TRUE(url.ok()) << reference;
    EXPECT_EQ(url->str(), whole);
  }
}

TEST(Url, EncodesQueryValues) {
  EXPECT_EQ(percent_encode("sha256:a/b c+~"), "sha256%3Aa%2Fb%20c%2B~");
}

TEST(Url, KnowsLoopback) {
  EXPECT_TRUE(is_loopback("127.1.2.3"));
  EXPECT_TRUE(is_loopback("[::1]"));
  EXPECT_FALSE(is_loopback("127.0.0.1.evil.example"));
}

TEST(Url, NearIsThisMachineAndItsLinkInAnySpelling) {
  for (const char* near :
       {"localhost", "LocalHost", "localhost.", "a.localhost", "127.0.0.1", "127.1", "2130706433",
        "0x7f.1", "0177.0.0.1", "0.0.0.0", "0", "169.254.169.254", "0xa9fea9fe", "[::1]", "[::]",
        "[fe80::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]"}) {
    EXPECT_TRUE(is_near(near)) << near;
  }
  for (const char* far : {"example.com", "localhost.example.com", "10.0.0.1", "203.0.113.80",
                          "127.0.0.1.example.com", "[2001:db8::1]", "[::ffff:10.0.0.1]", "", "["}) {
    EXPECT_FALSE(is_near(far)) << far;
  }
}

}  // namespace
}  // namespace ktl::http
