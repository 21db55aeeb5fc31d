#include "solve_request.h"

#include <gtest/gtest.h>

namespace ktl::solver {
namespace {

std::map<std::string, std::string> attributes(const moby::buildkit::v1::SolveRequest& request) {
  return {request.frontendattrs().begin(), request.frontendattrs().end()};
}

TEST(SolveRequest, CarriesEveryOptionOfThePlan) {
  const json::value plan = {{"dockerfile", {{"dir", "/x"}, {"name", "My.Dockerfile"}}},
                            {"target", "app"},
                            {"platforms", {"linux/amd64", "linux/arm64"}},
                            {"tags", {"docker.io/library/a:1", "docker.io/library/a:2"}},
                            {"args", {{"K", "V=1"}}},
                            {"labels", {{"org.x", "y"}}},
                            {"no_cache", true},
                            {"pull", true},
                            {"network", "host"}};
  auto request = solve_request(plan, "ref", "session", true);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->ref(), "ref");
  EXPECT_EQ(request->session(), "session");
  EXPECT_EQ(request->frontend(), "dockerfile.v0");
  EXPECT_TRUE(request->has_cache());
  EXPECT_EQ(attributes(*request),
            (std::map<std::string, std::string>{{"filename", "My.Dockerfile"},
                                                {"target", "app"},
                                                {"platform", "linux/amd64,linux/arm64"},
                                                {"build-arg:K", "V=1"},
                                                {"label:org.x", "y"},
                                                {"no-cache", ""},
                                                {"image-resolve-mode", "pull"},
                                                {"force-network-mode", "host"}}));
  ASSERT_EQ(request->entitlements_size(), 1);
  EXPECT_EQ(request->entitlements(0), "network.host");
  ASSERT_EQ(request->exporters_size(), 1);
  EXPECT_EQ(request->exporters(0).type(), "oci");
  EXPECT_EQ(request->exporters(0).attrs().at("tar"), "false");
  EXPECT_EQ(request->exporters(0).attrs().at("name"),
            "docker.io/library/a:1,docker.io/library/a:2");
}

TEST(SolveRequest, DefaultsSayNothing) {
  auto request = solve_request({{"dockerfile", {{"name", "Dockerfile"}}}}, "r", "s", false);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(attributes(*request), (std::map<std::string, std::string>{{"filename", "Dockerfile"}}));
  EXPECT_EQ(request->exporters_size(), 0);
  EXPECT_EQ(request->entitlements_size(), 0);
}

TEST(SolveRequest, NetworksBuildKitDoesNotKnowAreRefused) {
  EXPECT_TRUE(solve_request({{"network", "none"}}, "r", "s", false).ok());
  EXPECT_TRUE(solve_request({{"network", "default"}}, "r", "s", false).ok());
  EXPECT_EQ(solve_request({{"network", "bridge"}}, "r", "s", false).status().code(),
            Code::kInvalidArgument);
}

TEST(SolveRequest, KnowsWhenTheResultIsAnIndex) {
  EXPECT_FALSE(makes_index({{"platforms", {"linux/amd64"}}, {"args", {{"A", "b"}}}}));
  EXPECT_TRUE(makes_index({{"platforms", {"linux/amd64", "linux/arm64"}}}));
  EXPECT_TRUE(makes_index({{"args", {{"BUILDKIT_MULTI_PLATFORM", "1"}}}}));
  EXPECT_TRUE(makes_index({{"args", {{"BUILDKIT_ATTEST_PROVENANCE", "mode=max"}}}}));
}

}  // namespace
}  // namespace ktl::solver
