#include "pins.h"

#include <gtest/gtest.h>

#include "solve_request.h"

namespace ktl::solver {
namespace {

namespace policy = moby::buildkit::v1::sourcepolicy;

const std::string kDigest = "sha256:" + std::string(64, '1');

json::value plan_with(const std::string& kind, const std::string& ref) {
  return {{"dockerfile", {{"name", "Dockerfile"}}},
          {"sources", json::array{{{"kind", kind}, {"ref", ref}, {"line", 1}}}},
          {"pins", json::array{{{"ref", ref}, {"digest", kDigest}}}}};
}

TEST(Pins, AnImageIsNamedAsTheFrontendNamesIt) {
  for (const char* kind : {"image", "frontend"}) {
    for (const char* ref :
         {"alpine", "docker.io/library/alpine:latest", "index.docker.io/alpine"}) {
      auto request = solve_request(plan_with(kind, ref), "ref", "session", false);
      ASSERT_TRUE(request.ok()) << request.status().to_string();
      ASSERT_EQ(request->sourcepolicy().rules_size(), 1);
      EXPECT_EQ(request->sourcepolicy().version(), 1);
      const policy::Rule& rule = request->sourcepolicy().rules(0);
      EXPECT_EQ(rule.action(), policy::CONVERT);
      EXPECT_EQ(rule.selector().match_type(), policy::EXACT);
      EXPECT_EQ(rule.selector().identifier(), "docker-image://docker.io/library/alpine:latest");
      EXPECT_EQ(rule.updates().identifier(),
                "docker-image://docker.io/library/alpine:latest@" + kDigest);
    }
  }
}

TEST(Pins, ADownloadGetsAChecksumAndKeepsItsOwn) {
  auto request = solve_request(plan_with("http", "https://host/file"), "ref", "session", false);
  ASSERT_TRUE(request.ok());
  ASSERT_EQ(request->sourcepolicy().rules_size(), 2);
  const policy::Rule& set = request->sourcepolicy().rules(0);
  EXPECT_EQ(set.action(), policy::CONVERT);
  EXPECT_EQ(set.selector().identifier(), "https://host/file");
  EXPECT_EQ(set.selector().constraints(0).condition(), policy::EQUAL);
  EXPECT_EQ(set.selector().constraints(0).value(), "");
  EXPECT_EQ(set.updates().attrs().at("http.checksum"), kDigest);
  const policy::Rule& deny = request->sourcepolicy().rules(1);
  EXPECT_EQ(deny.action(), policy::DENY);
  EXPECT_EQ(deny.selector().constraints(0).condition(), policy::NOTEQUAL);
  EXPECT_EQ(deny.selector().constraints(0).value(), kDigest);
}

TEST(Pins, WhatCannotBePinnedFails) {
  EXPECT_EQ(solve_request(plan_with("git", "https://h/x.git"), "r", "s", false).status().code(),
            Code::kInvalidArgument);
  json::value plan = plan_with("image", "alpine");
  plan.as_object()["sources"] = json::array();
  EXPECT_EQ(solve_request(plan, "r", "s", false).status().code(), Code::kInvalidArgument);
}

TEST(Pins, WithoutThemNothingIsSaid) {
  auto request = solve_request({{"dockerfile", {{"name", "Dockerfile"}}}}, "r", "s", false);
  ASSERT_TRUE(request.ok());
  EXPECT_FALSE(request->has_sourcepolicy());
}

}  // namespace
}  // namespace ktl::solver
