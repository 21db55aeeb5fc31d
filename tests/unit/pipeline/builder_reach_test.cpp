#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json::object reach(const testing::World& world, size_t member = 0) {
  return world.solver.last.at("connect").at("members").at(member).at("reach").as_object();
}

TEST(BuilderReach, KtlsOwnBuilderIsLeasedForTheBuildAndGivenBack) {
  testing::World world;
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_THAT(world.calls_of({"acquire", "connect", "close", "release"}),
              ElementsAre("keeper acquire", "solver connect", "solver close", "keeper release"));
  EXPECT_EQ(text_of(world.keeper.last["acquire"], "address"), "auto");
  EXPECT_EQ(text_of(world.keeper.last["release"], "address"), "unix:///run/b");
  const json::object way = reach(world);
  EXPECT_EQ(text_of(way, "transport"), "unix");
  EXPECT_EQ(text_of(way, "door"), "unix:///run/b");
  EXPECT_EQ(text_of(way, "kind"), "private");
  EXPECT_TRUE(bool_of(way, "steps_fenced"));
}

TEST(BuilderReach, ABuilderThatWasNamedIsNobodysToLease) {
  testing::World world;
  world.request.builder = "tcp://far:1?cacert=/ca.pem";
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_FALSE(world.called("keeper acquire"));
  const json::object way = reach(world);
  EXPECT_EQ(text_of(way, "transport"), "tcp");
  EXPECT_EQ(text_of(way, "host"), "far");
  EXPECT_TRUE(bool_of(way, "tls"));
  EXPECT_THAT(std::string(text_of(way, "note")), HasSubstr("RUN steps are not fenced"));
}

TEST(BuilderReach, OneThatWasKilledAfterItWasLeasedIsLeasedAgain) {
  testing::World world;
  int calls = 0;
  const auto answer = world.solver.answer("connect");
  world.solver.on("connect", [&](const json::value& document, const CallContext& context) {
    return ++calls < 2 ? Result<json::value>(Status(Code::kUnavailable, "gone"))
                       : answer(document, context);
  });
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_THAT(world.calls_of({"acquire", "connect", "release"}),
              ElementsAre("keeper acquire", "solver connect", "keeper release", "keeper acquire",
                          "solver connect", "keeper release"));
}

TEST(BuilderReach, WithoutAKeeperAutoIsNoBuilder) {
  testing::World world;
  world.plugins.builders.clear();
  EXPECT_EQ(world.run().exit, 6);
  EXPECT_FALSE(world.called("solver connect"));
}

TEST(BuilderReach, AFencedBuildHasABuilderThatReachesWhatItNeeds) {
  testing::World world;
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_EQ(text_of(world.keeper.last["acquire"], "network"), "internet");
  testing::World fenced;
  fenced.request.allow_network = {"files.example:8080"};
  fenced.run();
  const std::string network(text_of(fenced.keeper.last["acquire"], "network"));
  EXPECT_THAT(network, ::testing::StartsWith("allow:"));
  EXPECT_THAT(network, HasSubstr("files.example:8080"));
}

TEST(BuilderReach, WhatStandsAroundTheStepsIsTheLeases) {
  testing::World world;
  json::object lease = world.keeper.answer("acquire")({}, {})->as_object();
  lease["lines"] =
      json::array{json::object{{"control", "network"}, {"value", "none"}, {"evidence", "probed"}}};
  world.keeper.on("acquire", lease);
  EXPECT_EQ(world.run().exit, 0);
  const json::value record = world.record();
  EXPECT_EQ(text_of(record.at("isolation").at("steps").at(0), "value"), "none");
}

}  // namespace
}  // namespace ktl
