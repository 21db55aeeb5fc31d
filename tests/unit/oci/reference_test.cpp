#include "oci/reference.h"

#include <gtest/gtest.h>

namespace ktl::oci {
namespace {

const std::string kHex(64, 'f');

TEST(Reference, NormalisesAsDockerDoes) {
  const std::pair<std::string, std::string> kCases[] = {
      {"alpine", "docker.io/library/alpine"},
      {"alpine:3", "docker.io/library/alpine:3"},
      {"docker.io/alpine", "docker.io/library/alpine"},
      {"index.docker.io/alpine", "docker.io/library/alpine"},
      {"me/app", "docker.io/me/app"},
      {"library/alpine", "docker.io/library/alpine"},
      {"localhost/app", "localhost/app"},
      {"localhost:5000/app:x", "localhost:5000/app:x"},
      {"127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c"},
      {"[::1]:5000/app", "[::1]:5000/app"},
      {"[2001:db8::1]/app", "[2001:db8::1]/app"},
      {"Uppercase/app", "Uppercase/app"},
      {"lowercase:Uppercase", "docker.io/library/lowercase:Uppercase"},
      {"test.com:5000", "docker.io/library/test.com:5000"},
      {"a__b/c--d/e.f_g", "docker.io/a__b/c--d/e.f_g"},
      {"ghcr.io/a/b:tag@sha256:" + kHex, "ghcr.io/a/b:tag@sha256:" + kHex},
      {"x:_under.score-1", "docker.io/library/x:_under.score-1"},
  };
  for (const auto& [text, full] : kCases) {
    auto parsed = parse_reference(text);
    ASSERT_TRUE(parsed.ok()) << text << ": " << parsed.status().message();
    EXPECT_EQ(parsed->str(), full);
    auto again = parse_reference(parsed->familiar());
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(*again, *parsed) << parsed->familiar();
  }
}

TEST(Reference, RefusesWhatDockerRefuses) {
  const std::string kCases[] = {
      "",
      ":justtag",
      "@sha256:" + kHex,
      "repo@sha256:" + std::string(34, 'f'),
      "validname@md5:" + kHex,
      "Uppercase:tag",
      "test:5000/Uppercase/lowercase:tag",
      "aa/asdf$$^/aa",
      "a//b",
      "/a",
      "a/",
      "a.-b",
      "a___b",
      "-a",
      "a-",
      "x:" + std::string(129, 'a'),
      "x:.hidden",
      "x:",
      "xn--n3h.com:port/app",
      "[::1:5000/app",
      "[fe80::1%eth0]/app",
      "-bad.com/app",
      "a\nb",
      "a b",
      kHex,
      "docker.io/" + std::string(256, 'a'),
      "x:\xC3\xA9",
  };
  for (const auto& text : kCases) {
    EXPECT_FALSE(parse_reference(text).ok()) << text;
  }
}

TEST(Reference, SaysWhy) {
  EXPECT_EQ(parse_reference("App").status().message(),
            "invalid image name \"App\": the repository name must be lower case");
  EXPECT_EQ(parse_reference("a\x1b[0m").status().message().find('\x1b'), std::string::npos);
}

TEST(Reference, TagIsLatestUnlessWritten) {
  EXPECT_EQ(parse_tag("app")->str(), "docker.io/library/app:latest");
  EXPECT_EQ(parse_tag("app:1")->tag, "1");
  EXPECT_FALSE(parse_tag("app@sha256:" + kHex).ok());
}

TEST(Reference, FamiliarLeavesOutWhatDockerFillsIn) {
  EXPECT_EQ(parse_reference("docker.io/library/a:1")->familiar(), "a:1");
  EXPECT_EQ(parse_reference("docker.io/b/a")->familiar(), "b/a");
  EXPECT_EQ(parse_reference("docker.io/library/a/b")->familiar(), "library/a/b");
  EXPECT_EQ(parse_reference("ghcr.io/library/a")->familiar(), "ghcr.io/library/a");
}

TEST(Reference, KnowsWhereRegistriesListen) {
  EXPECT_EQ(parse_reference("alpine")->registry_host(), "registry-1.docker.io");
  EXPECT_EQ(parse_reference("h:1/a")->registry_host(), "h:1");
  for (const char* domain :
       {"localhost", "localhost:5000", "127.0.0.1:1", "127.9.9.9", "[::1]:5"}) {
    EXPECT_TRUE(is_loopback_registry(domain)) << domain;
  }
  for (const char* domain : {"localhost.evil.com", "127.0.0.1.evil.com", "128.0.0.1", "[::2]:5"}) {
    EXPECT_FALSE(is_loopback_registry(domain)) << domain;
  }
}

}  // namespace
}  // namespace ktl::oci
