#include <gmock/gmock.h>

#include "core/document/schemas.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

json::value plan_of(testing::World& world) { return world.solver.last["begin"].at("plan"); }

std::string failure_of(const testing::World& world) {
  auto failed = world.events("build.failed/1");
  return failed.size() == 1 ? json::serialize(failed[0]) : "no single failure";
}

TEST(Prepare, TurnsTheRequestIntoAPlan) {
  testing::World world;
  world.add_exporter("exporter");
  world.write("Dockerfile",
              "FROM alpine:3 AS build\nRUN true\nFROM scratch AS other\nFROM scratch\n"
              "COPY --from=build /a /a\n");
  world.request.tags = {"app:dev", "docker.io/library/app:dev", "ghcr.io/a/b"};
  world.request.platforms = {"arm64"};
  world.request.build_args = {{"K", "V"}};
  world.request.secrets = {{"npm", "/file", ""}};
  world.request.options = {{"exporter", json::object{{"push", true}}}};
  ASSERT_EQ(world.run().exit, 0) << failure_of(world);
  json::value plan = plan_of(world);
  EXPECT_TRUE(check_document("plan-1", plan).ok());
  EXPECT_EQ(text_of(plan, "name"), "app");
  EXPECT_THAT(texts_of(plan, "tags"),
              ElementsAre("docker.io/library/app:dev", "ghcr.io/a/b:latest"));
  EXPECT_THAT(texts_of(plan, "platforms"), ElementsAre("linux/arm64"));
  EXPECT_THAT(texts_of(plan, "secrets"), ElementsAre("npm"));
  EXPECT_EQ(text_of(plan.at("args"), "K"), "V");
  EXPECT_EQ(text_of(plan.at("context"), "dir"), world.context);
  EXPECT_EQ(text_of(plan.at("dockerfile"), "name"), "Dockerfile");
  EXPECT_EQ(text_of(plan.at("session"), "shared_key").size(), 64U);
  EXPECT_EQ(plan.at("options"), json::value(world.request.options));
  const auto& stages = plan.at("stages").as_array();
  ASSERT_EQ(stages.size(), 3U);
  EXPECT_TRUE(bool_of(stages[0], "needed"));
  EXPECT_FALSE(bool_of(stages[1], "needed"));
  EXPECT_EQ(text_of(stages[0], "name"), "build");
  EXPECT_EQ(text_of(stages[1], "base"), "scratch");
  const auto& sources = plan.at("sources").as_array();
  ASSERT_EQ(sources.size(), 1U);
  EXPECT_EQ(text_of(sources[0], "kind"), "image");
}

TEST(Prepare, PlatformsMayNeedDifferentImages) {
  testing::World world;
  world.write("Dockerfile", "ARG TARGETARCH\nFROM base-${TARGETARCH}\n");
  world.request.platforms = {"linux/amd64", "linux/arm64"};
  ASSERT_EQ(world.run().exit, 0) << failure_of(world);
  const json::value plan = plan_of(world);
  const auto& sources = plan.at("sources").as_array();
  ASSERT_EQ(sources.size(), 2U);
  EXPECT_THAT(std::string(text_of(sources[0], "ref")), HasSubstr("base-amd64"));
  EXPECT_THAT(std::string(text_of(sources[1], "ref")), HasSubstr("base-arm64"));
}

struct Bad {
  const char* what;
  std::function<void(testing::World&)> make;
  int exit;
  const char* words;
};

TEST(Prepare, RefusesBadInputBeforeAnythingIsBuilt) {
  const std::vector<Bad> rows = {
      {"tag", [](auto& w) { w.request.tags = {"App:dev"}; }, 2, "App"},
      {"platform", [](auto& w) { w.request.platforms = {"linux/amd46"}; }, 2, "amd64"},
      {"target", [](auto& w) { w.request.target = "nope"; }, 2, "nope"},
      {"missing file", [](auto& w) { std::filesystem::remove(w.context / "Dockerfile"); }, 2,
       "no Dockerfile"},
      {"content", [](auto& w) { w.write("Dockerfile", "FROM scratch\nRUNN x\n"); }, 1,
       "Dockerfile:2"},
      {"empty", [](auto& w) { w.write("Dockerfile", ""); }, 1, "Dockerfile"},
      {"context is a file", [](auto& w) { w.request.context = w.context / "Dockerfile"; }, 2,
       "is a file"},
      {"context that is not UTF-8",
       [](auto& w) {
         w.request.context = w.context / "\xff";
         std::filesystem::create_directories(w.request.context);
       },
       2, "UTF-8"},
      {"relative context", [](auto& w) { w.request.context = "app"; }, 2, "absolute"},
      {"tag and nobody to keep it",
       [](auto& w) {
         w.request.tags = {"app"};
         w.plugins.exporters.clear();
       },
       2, "ktl.export/1"},
  };
  for (const Bad& bad : rows) {
    testing::World world;
    world.add_exporter("exporter");
    bad.make(world);
    EXPECT_EQ(world.run().exit, bad.exit) << bad.what;
    EXPECT_THAT(failure_of(world), HasSubstr(bad.words)) << bad.what;
    EXPECT_FALSE(world.called("solver connect")) << bad.what;
  }
}

TEST(Prepare, NamesWhereABadValueCameFrom) {
  testing::World world;
  world.request.tags = {"A"};
  world.request.origin = {{"tags", "ktl.yaml:3:5"}};
  world.run();
  EXPECT_THAT(failure_of(world), HasSubstr("ktl.yaml:3:5"));
}

TEST(Prepare, LeavesOutWhatTheBuildItselfWrites) {
  testing::World world;
  world.add_exporter("exporter")
      .on("choose", json::object{{"staging", true}, {"outputs", {"o"}}, {"exclude", {"out"}}});
  world.request.iidfile = world.context / "iid";
  world.request.metadata_file = world.root / "meta.json";
  ASSERT_EQ(world.run().exit, 0) << failure_of(world);
  EXPECT_THAT(texts_of(plan_of(world).at("context"), "exclude"), ElementsAre("iid", "out"));
  EXPECT_THAT(json::serialize(json::value_from(world.events("message/1"))), HasSubstr("iid, out"));
}

TEST(Prepare, AnExporterMayNotExcludeWhatIsOutside) {
  testing::World world;
  world.add_exporter("exporter")
      .on("choose", json::object{{"staging", true}, {"outputs", {"o"}}, {"exclude", {"../x"}}});
  EXPECT_EQ(world.run().exit, 2);
  EXPECT_THAT(failure_of(world), HasSubstr("exporter"));
}

TEST(Prepare, ADestinationThatIsRefusedIsTheUsersMistake) {
  testing::World world;
  world.add_exporter("exporter").fail("choose", Code::kInvalidArgument);
  EXPECT_EQ(world.run().exit, 2);
  testing::World other;
  other.add_exporter("exporter").fail("choose", Code::kUnavailable);
  EXPECT_EQ(other.run().exit, 7);
  EXPECT_THAT(failure_of(other), HasSubstr("\"plugin\":\"exporter\""));
}

TEST(Prepare, WithoutOutputTheResultStaysInTheBuildersCache) {
  testing::World world;
  world.add_exporter("exporter")
      .on("choose",
          json::object{{"staging", false}, {"outputs", json::array()}, {"exclude", json::array()}});
  ASSERT_EQ(world.run().exit, 0) << failure_of(world);
  EXPECT_FALSE(bool_of(world.solver.last["begin"], "staging"));
  EXPECT_THAT(world.calls_of({"stage", "commit", "resume"}), ElementsAre());
  EXPECT_THAT(json::serialize(json::value_from(world.events("message/1"))),
              HasSubstr("stays in the builder's cache"));
}

TEST(Prepare, AnIdIsAskedForOnlyOfWhatIsStaged) {
  testing::World world;
  world.request.quiet = true;
  ASSERT_EQ(world.run().exit, 0) << failure_of(world);
  EXPECT_TRUE(bool_of(world.solver.last["begin"], "staging"));
  EXPECT_EQ(world.outcome.image, "sha256:" + std::string(64, 'c'));
}

}  // namespace
}  // namespace ktl
