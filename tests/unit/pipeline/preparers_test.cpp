#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json::object finding(const std::string& severity) {
  return {{"rule", "no-root"}, {"severity", severity}, {"message", "runs as root"}};
}

TEST(Preparers, ChangeThePlanBeforeItHasADigest) {
  testing::World world;
  world.run();
  const json::value before = world.record().at("plan_digest");
  testing::World amended;
  amended.add_preparer("one").on("prepare", testing::amendments({{"labels", {{"a", "1"}}}}));
  testing::FakePlugin& two = amended.add_preparer("two");
  EXPECT_EQ(amended.run().exit, 0);
  EXPECT_EQ(text_of(two.last["prepare"].at("plan").at("labels"), "a"), "1");
  EXPECT_EQ(text_of(two.last["prepare"].at("request"), "context"), amended.context);
  const json::value plan = amended.solver.last["begin"].at("plan");
  EXPECT_EQ(text_of(plan.at("labels"), "a"), "1");
  EXPECT_EQ(amended.record().at("plan_digest"), json::value(digest_of_plan(plan.as_object())));
  EXPECT_NE(amended.record().at("plan_digest"), before);
}

TEST(Preparers, ABlockingFindingStopsBeforeTheBuilderIsAsked) {
  testing::World world;
  world.add_preparer("one").on("prepare",
                               testing::amendments({{"findings", json::array{finding("block")}}}));
  world.add_preparer("two").on("prepare",
                               testing::amendments({{"findings", json::array{finding("info")}}}));
  EXPECT_EQ(world.run().exit, 3);
  EXPECT_THAT(world.calls, ElementsAre("one prepare", "two prepare"));
  EXPECT_EQ(world.events("finding/1").size(), 2U);
  EXPECT_EQ(world.record().at("findings").as_array().size(), 2U);
  EXPECT_EQ(world.record().at("outcome"), "refused");
}

TEST(Preparers, ContradictionsAreTheUsersToSolve) {
  testing::World world;
  world.add_preparer("one").on("prepare", testing::amendments({{"labels", {{"a", "1"}}}}));
  world.add_preparer("two").on("prepare", testing::amendments({{"labels", {{"a", "2"}}}}));
  EXPECT_EQ(world.run().exit, 2);
  EXPECT_THAT(json::serialize(world.events("build.failed/1").at(0)), HasSubstr("one and two"));
  EXPECT_THAT(world.calls_of({"connect"}), IsEmpty());
}

TEST(Preparers, FailuresHaveTheirExitCodes) {
  struct Case {
    Code code;
    bool dead;
    int exit;
  };
  for (const Case& one :
       {Case{Code::kInvalidArgument, false, 2}, Case{Code::kInternal, false, 8},
        Case{Code::kNotFound, false, 8}, Case{Code::kDeadlineExceeded, true, 8},
        Case{Code::kInvalidArgument, true, 8}, Case{Code::kCancelled, false, 130}}) {
    testing::World world;
    world.add_preparer("one").fail("prepare", one.code).dead = one.dead;
    EXPECT_EQ(world.run().exit, one.exit) << code_name(one.code);
    EXPECT_THAT(world.calls_of({"connect"}), IsEmpty());
  }
  testing::World world;
  world.add_preparer("one").on("prepare", json::value(json::object{}));
  EXPECT_EQ(world.run().exit, 8);
}

}  // namespace
}  // namespace ktl
