#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

json::object failure_of(const testing::World& world) {
  auto failed = world.events("build.failed/1");
  EXPECT_EQ(failed.size(), 1U);
  return failed.empty() ? json::object() : failed[0];
}

TEST(Solve, AsksForTheBuilderThatWasNamed) {
  testing::World world;
  world.request.builder = "unix:///other";
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_EQ(text_of(world.solver.last["connect"], "address"), "unix:///other");
}

TEST(Solve, ABuilderThatCannotBeReachedOrDoesNotKnowIsSix) {
  for (Code code : {Code::kUnavailable, Code::kUnimplemented, Code::kFailedPrecondition}) {
    testing::World world;
    world.solver.fail("connect", code);
    EXPECT_EQ(world.run().exit, 6) << code_name(code);
    EXPECT_FALSE(world.called("solver begin"));
    EXPECT_FALSE(world.called("solver close"));  // nothing was begun
  }
}

TEST(Solve, AFailedStepIsTheBuildsFaultAndIsToldInFull) {
  testing::World world;
  world.add_exporter("exporter");
  world.solver.on("next", testing::failed_turn("exit code: 1"));
  EXPECT_EQ(world.run().exit, 1);
  json::object failed = failure_of(world);
  EXPECT_EQ(text_of(failed, "where"), "Dockerfile:2");
  EXPECT_EQ(text_of(failed.at("error"), "step"), "[2/2] RUN false");
  EXPECT_THAT(world.calls_of({"stage", "commit", "rollback", "resume", "close"}),
              ElementsAre("solver close"));
  EXPECT_EQ(world.record().at("outcome"), "failed");
}

TEST(Solve, AConversationThatBreaksIsNotTheBuildsFault) {
  testing::World world;
  world.solver.fail("next", Code::kUnavailable);
  EXPECT_EQ(world.run().exit, 6);
  testing::World other;
  other.solver.fail("next", Code::kInternal);
  EXPECT_EQ(other.run().exit, 8);
  EXPECT_TRUE(other.called("solver close"));
}

TEST(Solve, AnAnswerThatBreaksItsSchemaIsThePluginsFault) {
  testing::World world;
  world.solver.on("next", json::object{{"schema", "ktl.turn/1"}});
  EXPECT_EQ(world.run().exit, 8);
  const json::object failure = failure_of(world);
  EXPECT_THAT(std::string(text_of(failure, "message")), HasSubstr("solver next"));
  testing::World inner;
  inner.solver.on("next", json::object{{"schema", "ktl.turn/1"},
                                       {"done", {{"ok", true}, {"solved", json::object()}}}});
  EXPECT_EQ(inner.run().exit, 8);
}

TEST(Solve, AResultThatWasNotHeldBackIsNotExported) {
  testing::World world;
  world.add_exporter("exporter");
  world.solver.on("next", testing::done_turn('a'));
  EXPECT_EQ(world.run().exit, 8);
  EXPECT_FALSE(world.called("exporter stage"));
}

TEST(Solve, AGateThatIsNotKnownIsRefused) {
  testing::World world;
  world.add_exporter("exporter");
  json::object turn = testing::gate_turn('a');
  turn["gate"].as_object()["kind"] = "source";
  world.solver.on("next", turn);
  EXPECT_EQ(world.run().exit, 8);
  EXPECT_FALSE(bool_of(world.solver.last["resume"], "allow", true));
  EXPECT_FALSE(world.called("exporter stage"));
}

TEST(Solve, NoPluginThatBuildsIsSix) {
  testing::World world;
  world.plugins.solvers.clear();
  EXPECT_EQ(world.run().exit, 6);
}

}  // namespace
}  // namespace ktl
