#include "core/pipeline/platform.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Platform, IsNormalised) {
  const std::pair<const char*, const char*> rows[] = {{"linux/amd64", "linux/amd64"},
                                                      {"Linux/AMD64", "linux/amd64"},
                                                      {"amd64", "linux/amd64"},
                                                      {"x86_64", "linux/amd64"},
                                                      {"linux/arm64/v8", "linux/arm64"},
                                                      {"aarch64", "linux/arm64"},
                                                      {"linux/arm", "linux/arm/v7"},
                                                      {"linux/arm/v6", "linux/arm/v6"},
                                                      {"armhf", "linux/arm/v7"},
                                                      {"windows/amd64", "windows/amd64"},
                                                      {"linux/amd64/v2", "linux/amd64/v2"}};
  for (const auto& [text, expected] : rows) {
    auto platform = normalise_platform(text);
    ASSERT_TRUE(platform.ok()) << text << platform.status().to_string();
    EXPECT_EQ(*platform, expected);
  }
}

TEST(Platform, ASystemAloneMeansThisMachinesArchitecture) {
  EXPECT_EQ(*normalise_platform("linux"), host_platform());
  EXPECT_THAT(host_platform(), StartsWith("linux/"));
}

TEST(Platform, RefusesWhatIsNotKnownWithAdvice) {
  for (const char* text : {"", "linux/", "linux/amd64/v2/x", "linux/amd64/../x", "plan9/amd64",
                           "linux/amd 64", "linux/amd64/V!"}) {
    auto platform = normalise_platform(text);
    EXPECT_EQ(platform.status().code(), Code::kInvalidArgument) << text;
  }
  EXPECT_THAT(normalise_platform("linux/amd46").status().to_string(), HasSubstr("amd64"));
  EXPECT_THAT(normalise_platform("linus/amd64").status().to_string(), HasSubstr("linux"));
}

TEST(Platform, ListsKeepTheirOrderAndNothingTwice) {
  auto platforms = normalise_platforms({"arm64", "linux/amd64", "linux/arm64/v8"});
  ASSERT_TRUE(platforms.ok());
  EXPECT_THAT(*platforms, ElementsAre("linux/arm64", "linux/amd64"));
}

TEST(Platform, FillsTheArgumentsADockerfileMayUse) {
  auto args = platform_args("linux/amd64", "linux/arm/v7");
  EXPECT_EQ(args["BUILDPLATFORM"], "linux/amd64");
  EXPECT_EQ(args["BUILDARCH"], "amd64");
  EXPECT_EQ(args["TARGETOS"], "linux");
  EXPECT_EQ(args["TARGETVARIANT"], "v7");
  EXPECT_EQ(args["BUILDVARIANT"], "");
}

}  // namespace
}  // namespace ktl
