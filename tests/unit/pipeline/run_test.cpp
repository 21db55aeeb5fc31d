#include "core/pipeline/run.h"

#include <gmock/gmock.h>

#include "base/fd.h"
#include "core/document/schemas.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Run, ASuccessfulBuildGoesThroughAllStagesInOrder) {
  testing::World world;
  world.request.tags = {"app:dev"};
  world.add_scanner("scanner");
  world.add_exporter("exporter");
  BuildOutcome outcome = world.run();
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(world.calls,
              ElementsAre("exporter choose", "keeper acquire", "solver connect", "solver begin",
                          "solver next", "scanner scan", "solver resume", "solver next",
                          "exporter stage", "exporter commit", "solver close", "keeper release"));
  std::vector<std::string> stages;
  for (const auto& body : world.events("stage.completed/1")) {
    stages.push_back(std::string(text_of(body, "stage")) + " " +
                     std::string(text_of(body, "outcome")));
  }
  EXPECT_THAT(stages, ElementsAre("request done", "prepare done", "sandbox done", "solve done",
                                  "scan done", "attest done", "export done"));
  EXPECT_EQ(outcome.root, "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(outcome.image, "sha256:" + std::string(64, 'c'));
  EXPECT_EQ(outcome.receipts.size(), 1U);
  EXPECT_EQ(world.events("receipt/1").size(), 1U);
  EXPECT_EQ(world.events("build.started/1").size(), 1U);
  EXPECT_EQ(world.events("builder.connected/1").size(), 1U);
  ASSERT_EQ(world.events("build.completed/1").size(), 1U);
  EXPECT_EQ(int_of(world.events("build.completed/1")[0], "exit"), 0);
  EXPECT_THAT(world.events("build.failed/1"), IsEmpty());
}

TEST(Run, TheRecordTiesEverythingTogether) {
  testing::World world;
  world.request.tags = {"app:dev"};
  world.add_exporter("exporter");
  world.run();
  json::value record = world.record();
  Status status = check_document("record-1", record);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(text_of(record, "id"), "test-build");
  EXPECT_EQ(text_of(record, "outcome"), "done");
  EXPECT_EQ(record.at("plugins").as_array().size(), 3U);
  EXPECT_EQ(record.at("root"), testing::descriptor('a'));
  EXPECT_EQ(record.at("receipts").as_array().size(), 1U);
  EXPECT_EQ(text_of(record.at("isolation").at("steps").at(0), "value"), "unknown");
  EXPECT_EQ(text_of(record.at("isolation").at("client").at(0), "evidence"), "probed");
  json::value plan = world.solver.last["begin"].at("plan");
  EXPECT_EQ(text_of(record, "plan_digest"), digest_of_plan(plan.as_object()));
}

TEST(Run, ABuildThatFailsEarlyHasARecordToo) {
  testing::World world;
  world.request.context = world.root / "nowhere";
  EXPECT_EQ(world.run().exit, 2);
  json::value record = world.record();
  EXPECT_TRUE(check_document("record-1", record).ok());
  EXPECT_EQ(text_of(record, "outcome"), "failed");
  EXPECT_EQ(int_of(record, "exit"), 2);
  EXPECT_THAT(world.calls, IsEmpty());
}

TEST(Run, NothingIsBuiltWhenNoRecordCanBeWritten) {
  testing::World world;
  ASSERT_TRUE(write_file_atomic(world.root / "state", "in the way").ok());
  EXPECT_EQ(world.run().exit, 7);
  EXPECT_THAT(world.calls, IsEmpty());
  EXPECT_TRUE(world.outcome.record.empty());
}

TEST(Run, SaysWhatFailedWhereAndWhatNext) {
  testing::World world;
  world.request.context = world.root / "nowhere";
  world.run();
  auto failed = world.events("build.failed/1");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(text_of(failed[0], "stage"), "request");
  EXPECT_THAT(std::string(text_of(failed[0], "message")), HasSubstr("no such context"));
  EXPECT_EQ(text_of(failed[0], "where"), world.request.context);
  EXPECT_NE(text_of(failed[0], "next"), "");
  EXPECT_TRUE(failed[0].at("error").is_null());
}

TEST(Run, WarnsOnceThatTheClientIsNotFenced) {
  testing::World world;
  world.run();
  int warnings = 0;
  for (const auto& body : world.events("message/1")) {
    warnings += text_of(body, "level") == "warn" ? 1 : 0;
  }
  EXPECT_EQ(warnings, 1);
}

}  // namespace
}  // namespace ktl
