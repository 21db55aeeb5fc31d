#include <gmock/gmock.h>

#include "base/fd.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct TwoExporters : testing::World {
  TwoExporters() : a(add_exporter("a")), b(add_exporter("b")) { request.tags = {"app"}; }
  std::vector<std::string> story() {
    run();
    return calls_of({"resume", "stage", "commit", "rollback", "close"});
  }
  testing::FakePlugin& a;
  testing::FakePlugin& b;
};

TEST(Export, StagesAllBeforeItCommitsAny) {
  TwoExporters world;
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "a stage", "b stage", "a commit",
                                         "b commit", "solver close"));
  EXPECT_EQ(world.outcome.exit, 0);
  EXPECT_TRUE(bool_of(world.solver.last["resume"], "allow"));
  EXPECT_EQ(world.outcome.receipts.size(), 2U);
}

TEST(Export, AFailedStageLeavesNothing) {
  TwoExporters world;
  world.b.fail("stage", Code::kResourceExhausted);
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "a stage", "b stage", "b rollback",
                                         "a rollback", "solver close"));
  EXPECT_EQ(world.outcome.exit, 7);
}

TEST(Export, AFailedCommitIsRolledBackInReverse) {
  TwoExporters world;
  world.b.fail("commit", Code::kInvalidArgument);
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "a stage", "b stage", "a commit",
                                         "b commit", "b rollback", "a rollback", "solver close"));
  EXPECT_EQ(world.outcome.exit, 7);
  EXPECT_THAT(world.events("receipt/1"), IsEmpty());
  EXPECT_THAT(world.outcome.receipts, IsEmpty());
  EXPECT_THAT(world.record().at("receipts").as_array(), IsEmpty());
}

// It is not the export that failed: who was to do it is no more.
TEST(Export, AWorkerThatDiesInItIsAPluginsFailure) {
  for (const char* verb : {"resume", "next"}) {
    TwoExporters world;
    const auto usual = world.solver.answer("next");
    world.solver.on(verb, [&](const json::value& document, const CallContext& context) {
      world.solver.dead = world.called("solver resume");
      return world.solver.dead ? Status(Code::kInternal, "the worker was killed")
                               : usual(document, context);
    });
    world.story();
    EXPECT_EQ(world.outcome.exit, 8) << verb;
    EXPECT_EQ(world.events("build.failed/1").at(0).at("stage"), "export");
    EXPECT_FALSE(world.called("a stage"));
  }
}

// The builder that went away is what to look at, in whatever stage it did.
TEST(Export, ABuilderThatGoesAwayInItIsTheBuildersFailure) {
  for (const char* verb : {"resume", "next"}) {
    TwoExporters world;
    const auto usual = world.solver.answer("next");
    world.solver.on(verb, [&](const json::value& document, const CallContext& context) {
      return world.called("solver resume") ? Status(Code::kUnavailable, "it went away")
                                           : usual(document, context);
    });
    world.story();
    EXPECT_EQ(world.outcome.exit, 6) << verb;
    EXPECT_FALSE(world.called("a stage"));
  }
}

TEST(Export, ARollbackThatFailsIsToldAndDoesNotStopTheRest) {
  TwoExporters world;
  world.b.fail("commit", Code::kUnavailable).fail("rollback", Code::kInternal);
  world.story();
  EXPECT_TRUE(world.called("a rollback"));
  EXPECT_TRUE(world.called("solver close"));
  EXPECT_THAT(json::serialize(json::value_from(world.events("message/1"))),
              HasSubstr("roll back b: rollback broke"));
}

TEST(Export, AnotherResultThanTheGatedOneIsRefused) {
  TwoExporters world;
  world.solver.on("next", [&world](const json::value&, const CallContext&) {
    return Result<json::value>(world.called("solver resume") ? testing::done_turn('b')
                                                             : testing::gate_turn('a'));
  });
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "solver close"));
  EXPECT_EQ(world.outcome.exit, 7);
}

TEST(Export, ASecondGateIsRefused) {
  TwoExporters world;
  world.solver.on("next", testing::gate_turn('a'));
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "solver resume", "solver close"));
  EXPECT_FALSE(bool_of(world.solver.last["resume"], "allow", true));
  EXPECT_EQ(world.outcome.exit, 7);
}

TEST(Export, ABuilderThatFailsAfterTheGateIsNoBuildError) {
  TwoExporters world;
  world.solver.on("next", [&world](const json::value&, const CallContext&) {
    return Result<json::value>(world.called("solver resume") ? testing::failed_turn("cache export")
                                                             : testing::gate_turn('a'));
  });
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "solver close"));
  EXPECT_EQ(world.outcome.exit, 7);
}

TEST(Export, OnlyThoseThatWantTheResultAreCalled) {
  TwoExporters world;
  world.a.on(
      "choose",
      json::object{{"staging", false}, {"outputs", json::array()}, {"exclude", json::array()}});
  EXPECT_THAT(world.story(), ElementsAre("solver resume", "b stage", "b commit", "solver close"));
}

// What exports did with a file that the solver says is at `path`.
std::vector<std::string> told(TwoExporters& world, const std::filesystem::path& path) {
  world.solver.on("next", [&world, path](const json::value&, const CallContext&) {
    json::object turn = testing::done_turn('a');
    turn["done"].at("solved").as_object()["files"] =
        json::array{json::object{{"path", path.native()}, {"kind", "folder"}}};
    return Result<json::value>(world.called("solver resume") ? turn : testing::gate_turn('a'));
  });
  return world.story();
}

TEST(Export, OnlyFilesInTheSolversOwnFolderAreBelieved) {
  TwoExporters world;
  const auto own = world.root / "cache/plugins/solver";
  std::filesystem::create_directories(own / "outputs/0");
  EXPECT_THAT(told(world, own / "outputs/0"), ::testing::Contains("a commit"));
  EXPECT_EQ(world.outcome.exit, 0);
}

// Who was taken over runs on: between check and move, the way to its file may come to lead
// elsewhere.
TEST(Export, AFileIsOutOfTheSolversReachBeforeAnybodyMovesIt) {
  TwoExporters world;
  const auto own = world.root / "cache/plugins/solver";
  const auto victim = world.root / "victim";
  std::filesystem::create_directories(own / "outputs/0");
  std::filesystem::create_directories(victim / "0");
  EXPECT_TRUE(write_file_atomic(own / "outputs/0/a", "mine").ok());
  EXPECT_TRUE(write_file_atomic(victim / "0/a", "theirs").ok());
  std::string seen;
  world.a.on("stage", [&](const json::value& document, const CallContext&) {
    std::error_code error;
    std::filesystem::rename(own / "outputs", own / "before");
    std::filesystem::create_directory_symlink(victim, own / "outputs", error);
    const std::filesystem::path path(
        std::string(text_of(document.at("files").as_array().at(0), "path")));
    EXPECT_FALSE(path.native().starts_with(own.native() + "/")) << path;
    auto text = read_file(path / "a", 100);
    seen = text.ok() ? *text : "nothing";
    return Result<json::value>(json::object{{"staged", json::array()}});
  });
  told(world, own / "outputs/0");
  EXPECT_EQ(seen, "mine");
  EXPECT_TRUE(std::filesystem::exists(victim / "0/a"));
  EXPECT_TRUE(std::filesystem::is_empty(world.root / "cache/plugins/.results"));
}

TEST(Export, AFileThatIsSaidToBeElsewhereIsNotTouched) {
  for (const char* lie :
       {"/etc", "../../../context", "link", "link/ssl", "nowhere", ".", "..", "", "x/.."}) {
    TwoExporters world;
    const auto own = world.root / "cache/plugins/solver";
    std::filesystem::create_directories(own);
    std::filesystem::create_directory_symlink("/etc", own / "link");
    EXPECT_THAT(told(world, own / lie), ElementsAre("solver resume", "solver close")) << lie;
    EXPECT_EQ(world.outcome.exit, 8) << lie;
  }
}

}  // namespace
}  // namespace ktl
