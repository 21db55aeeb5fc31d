#include "builder/address.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

std::string no_environment(const char*) { return {}; }
std::string buildkit_host(const char* name) {
  return std::string(name) == "BUILDKIT_HOST" ? "unix:///env.sock" : "";
}

TEST(Address, FlagBeatsEnvironmentBeatsPrivateBuilder) {
  EXPECT_EQ(parse_address("unix:///flag.sock", buildkit_host)->path, "/flag.sock");
  EXPECT_EQ(parse_address("auto", buildkit_host)->path, "/env.sock");
  EXPECT_EQ(parse_address("", no_environment)->kind, Address::Kind::kPrivate);
}

TEST(Address, SaysWhereABadOneCameFrom) {
  auto address = parse_address("auto", [](const char*) { return std::string("bogus"); });
  EXPECT_EQ(address.status().code(), Code::kInvalidArgument);
  EXPECT_EQ(address.status().message(), "BUILDKIT_HOST: bogus is no builder address");
}

TEST(Address, KnowsWhatIsNotBuiltYet) {
  for (const char* text : {"tcp://h:1", "docker-container://x", "docker", "ssh://h"}) {
    EXPECT_EQ(parse_address(text, no_environment).status().code(), Code::kUnimplemented) << text;
  }
}

TEST(Address, RefusesPathsTheKernelCannotTake) {
  EXPECT_EQ(parse_address("unix://", no_environment).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(parse_address("unix://relative", no_environment).status().code(),
            Code::kInvalidArgument);
  std::string longest = "unix:///" + std::string(106, 'a');
  EXPECT_TRUE(parse_address(longest, no_environment).ok());
  EXPECT_FALSE(parse_address(longest + "a", no_environment).ok());
}

}  // namespace
}  // namespace ktl::builder
