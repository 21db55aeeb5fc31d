#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json::object finding(const std::string& severity) {
  json::object one{{"rule", "no-root"},
                   {"severity", severity},
                   {"message", "runs as root"},
                   {"location", "Dockerfile:3"},
                   {"fix", "add USER"}};
  return {{"schema", "ktl.findings/1"}, {"findings", json::array{one}}};
}

// Refused: the builder is told so, nothing is exported, the build is closed.
void expect_nothing_exported(const testing::World& world) {
  EXPECT_THAT(world.calls_of({"resume", "stage", "commit", "rollback", "close"}),
              ElementsAre("solver resume", "solver close"));
}

TEST(Scan, AWarningIsToldAndRecorded) {
  testing::World world;
  world.request.tags = {"app"};
  world.add_exporter("exporter");
  world.add_scanner("scanner").on("scan", finding("warn"));
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_EQ(world.events("finding/1").size(), 1U);
  EXPECT_EQ(world.record().at("findings").as_array().size(), 1U);
}

TEST(Scan, ABlockingFindingStopsTheExport) {
  testing::World world;
  world.request.tags = {"app"};
  world.add_exporter("exporter");
  world.add_scanner("scanner").on("scan", finding("block"));
  EXPECT_EQ(world.run().exit, 3);
  expect_nothing_exported(world);
  EXPECT_FALSE(bool_of(world.solver.last["resume"], "allow", true));
  EXPECT_THAT(std::string(text_of(world.solver.last["resume"], "reason")),
              HasSubstr("runs as root"));
  auto failed = world.events("build.failed/1");
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(text_of(failed[0], "plugin"), "scanner");
  EXPECT_EQ(text_of(failed[0], "where"), "Dockerfile:3");
  EXPECT_EQ(text_of(failed[0], "next"), "add USER");
  EXPECT_EQ(world.record().at("outcome"), "refused");
  EXPECT_THAT(world.record().at("receipts").as_array(), IsEmpty());
}

TEST(Scan, AScannerThatCannotLookStopsTheExport) {
  testing::World world;
  world.request.tags = {"app"};
  world.add_exporter("exporter");
  world.add_scanner("scanner").fail("scan", Code::kInternal);
  EXPECT_EQ(world.run().exit, 8);
  expect_nothing_exported(world);
}

TEST(Scan, AnAnswerThatIsNoneStopsTheExport) {
  testing::World world;
  world.add_exporter("exporter");
  world.add_scanner("scanner").on("scan", json::value());
  EXPECT_EQ(world.run().exit, 8);
  expect_nothing_exported(world);
}

TEST(Scan, EverybodyLooksAndTheGravestWordWins) {
  testing::World world;
  world.add_exporter("exporter");
  world.add_scanner("broken").fail("scan", Code::kInternal);
  world.add_scanner("strict").on("scan", finding("block"));
  EXPECT_EQ(world.run().exit, 3);
  EXPECT_THAT(world.calls_of({"scan"}), ElementsAre("broken scan", "strict scan"));
  EXPECT_THAT(json::serialize(json::value_from(world.events("message/1"))),
              HasSubstr("scan broke"));
}

TEST(Scan, LooksAlsoAtWhatIsNotStaged) {
  testing::World world;
  testing::FakePlugin& scanner = world.add_scanner("scanner");
  EXPECT_EQ(world.run().exit, 0);
  EXPECT_TRUE(scanner.last["scan"].at("root").is_null());
}

}  // namespace
}  // namespace ktl
