#include "core/pipeline/judges.h"

#include <gmock/gmock.h>

#include "core/document/schemas.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Answers evaluate with `answer` in one stage, and agrees in the other.
testing::FakePlugin::Answer in_stage(const std::string& stage, Result<json::value> answer) {
  return [stage, answer](const json::value& judgement, const CallContext&) {
    return text_of(judgement, "stage") == stage ? answer
                                                : Result<json::value>(testing::verdict(true, {}));
  };
}

class Judges : public ::testing::TestWithParam<const char*> {
 protected:
  Judges() {
    world_.request.tags = {"app"};
    world_.add_exporter("exporter");
  }
  void expect(int exit, const Result<json::value>& answer) {
    world_.add_policy("policy").on("evaluate", in_stage(GetParam(), answer));
    EXPECT_EQ(world_.run().exit, exit);
    EXPECT_THAT(world_.calls_of({"stage", "commit"}), IsEmpty());
    EXPECT_THAT(world_.calls_of({"connect"}),
                SizeIs(std::string(GetParam()) == "prepare" ? 0U : 1U));
  }
  testing::World world_;
};

TEST_P(Judges, ADenialRefuses) {
  expect(3, json::value(testing::verdict(false, {"one", "two"})));
  const auto failed = world_.events("build.failed/1");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(text_of(failed[0], "message"), "one: is broken");
  EXPECT_EQ(text_of(failed[0], "where"), "Dockerfile:2");
  EXPECT_EQ(text_of(failed[0], "next"), "mend it");
  EXPECT_EQ(text_of(failed[0], "stage"), GetParam());
  EXPECT_THAT(json::serialize(json::value_from(world_.events("message/1"))),
              HasSubstr("two: is broken"));
  const json::value record = world_.record();
  EXPECT_TRUE(check_document("record-1", record).ok());
  EXPECT_EQ(record.at("verdicts").as_array().back().at("denials").as_array().size(), 2U);
  EXPECT_EQ(world_.events("verdict/1").size(), record.at("verdicts").as_array().size());
}

TEST_P(Judges, ALieRefusesAndIsCalledOne) {
  expect(3, json::value(testing::verdict(true, {"one"})));
  EXPECT_THAT(json::serialize(json::value_from(world_.events("message/1"))),
              HasSubstr("denies this build and says that it has passed"));
}
TEST_P(Judges, ARefusalWithoutAReasonRefuses) {
  expect(3, json::value(testing::verdict(false, {})));
}
TEST_P(Judges, WhatIsNoVerdictRefuses) { expect(3, json::value(json::object{})); }
TEST_P(Judges, AFailureRefuses) { expect(3, Status(Code::kInternal, "no")); }
TEST_P(Judges, WrongRulesAreTheUsers) { expect(2, Status(Code::kInvalidArgument, "line 7")); }

INSTANTIATE_TEST_SUITE_P(Stages, Judges, ::testing::Values("prepare", "attest"));

TEST(JudgesOfAll, SeeWhatIsKnownAndAllAgree) {
  testing::World world;
  world.add_attester("attester").on("attest", testing::statements({"said"}));
  testing::FakePlugin& one = world.add_policy("one");
  world.add_policy("two").on("evaluate",
                             in_stage("attest", json::value(testing::verdict(false, {"x"}))));
  EXPECT_EQ(world.run().exit, 3);
  EXPECT_THAT(world.calls_of({"evaluate"}),
              ElementsAre("one evaluate", "two evaluate", "one evaluate", "two evaluate"));
  const json::value last = one.last["evaluate"];
  EXPECT_TRUE(check_document("judgement-1", last).ok());
  EXPECT_EQ(last.at("statements"), json::value(json::array{testing::in_toto()}));
  EXPECT_TRUE(last.as_object().contains("solved") && last.as_object().contains("isolation"));
}

TEST(JudgesOfAll, ManyDenialsAreCounted) {
  testing::World world;
  world.add_policy("one").on(
      "evaluate", json::value(testing::verdict(false, std::vector<std::string>(50, "rule"))));
  EXPECT_EQ(world.run().exit, 3);
  EXPECT_THAT(json::serialize(json::value_from(world.events("message/1"))),
              HasSubstr("one has 30 more denials"));
}

TEST(JudgesOfSources, EachIsAskedAboutAndMayBeRefused) {
  testing::World world;
  world.write("Dockerfile",
              "FROM alpine\nFROM scratch\nCOPY --from=busybox /a /\nCOPY --from=0 /b /\n");
  testing::FakePlugin& policy =
      world.add_policy("policy").on("decide", [](const json::value& question, const CallContext&) {
        EXPECT_TRUE(check_document("question-1", question).ok());
        const bool allow = text_of(question.at("source"), "ref") != "busybox";
        return Result<json::value>(json::object{
            {"schema", "ktl.answer/1"}, {"allow", allow}, {"reason", "too busy"}, {"rule", "r"}});
      });
  EXPECT_EQ(world.run().exit, 3);
  EXPECT_EQ(world.calls_of({"decide"}).size(), 2U);
  EXPECT_EQ(text_of(policy.last["decide"], "build"), "test-build");
  const auto failed = world.events("build.failed/1").at(0);
  EXPECT_EQ(text_of(failed, "message"), "r: busybox may not be used: too busy");
  EXPECT_EQ(text_of(failed, "where"), "Dockerfile:3");
  EXPECT_THAT(world.calls_of({"connect"}), IsEmpty());
}

TEST(JudgesOfSources, NoAnswerIsNo) {
  for (const auto& [code, exit] :
       {std::pair(Code::kInternal, 3), std::pair(Code::kInvalidArgument, 2)}) {
    testing::World world;
    world.write("Dockerfile", "FROM alpine\n");
    world.add_policy("policy").fail("decide", code);
    EXPECT_EQ(world.run().exit, exit);
  }
}

}  // namespace
}  // namespace ktl
