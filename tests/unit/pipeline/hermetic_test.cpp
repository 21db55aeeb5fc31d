// --hermetic and --allow-network: what the plan says, and what is refused before the build.
#include <gmock/gmock.h>

#include "core/pipeline/fence_rules.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kPin = "@sha256:" + std::string(64, 'a');

json::value fence_of(testing::World& world) {
  return world.solver.last["begin"].at("plan").at("fence");
}

// "Dockerfile:1 alpine is not pinned"
std::vector<std::string> refusals(testing::World& world, const std::string& dockerfile) {
  world.write("Dockerfile", dockerfile);
  world.request.hermetic = true;
  const int exit = world.run().exit;
  std::vector<std::string> all;
  for (const auto& event : world.events("build.failed/1")) {
    all.push_back(json::serialize(event));
  }
  for (const auto& event : world.events("message/1")) {  // one decides, the others are told
    if (text_of(event, "level") == "error") {
      all.push_back(json::serialize(event));
    }
  }
  EXPECT_EQ(exit, all.empty() ? 0 : 3);
  return all;
}

TEST(Hermetic, StepsHaveNoNetworkUnlessItIsAllowed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> rows = {
      {{}, "none"}, {{"*"}, "open"}, {{"pypi.org", "h:8080"}, "list"}};
  for (const auto& [allow, network] : rows) {
    testing::World world;
    world.request.hermetic = true;
    world.request.allow_network = allow;
    ASSERT_EQ(world.run().exit, 0);
    const json::value fence = fence_of(world);
    EXPECT_EQ(text_of(fence, "network"), network);
    EXPECT_THAT(texts_of(fence, "allow"), SizeIs(network == "list" ? 2 : 0));
  }
  testing::World open;
  ASSERT_EQ(open.run().exit, 0);
  const json::value fence = fence_of(open);
  EXPECT_EQ(text_of(fence, "network"), "open");
  EXPECT_FALSE(bool_of(fence, "hermetic"));
}

TEST(Hermetic, PinnedSourcesPass) {
  testing::World world;
  EXPECT_THAT(refusals(world, "ARG BASE=alpine" + kPin +
                                  "\nFROM $BASE AS a\nFROM scratch\nCOPY --from=a /x /x\n"
                                  "COPY --from=busybox" +
                                  kPin +
                                  " /y /y\n"
                                  "ADD --checksum=sha256:" +
                                  std::string(64, 'b') +
                                  " https://h/x /\n"
                                  "ADD https://h/r.git#" +
                                  std::string(40, 'c') +
                                  " /r\n"
                                  "RUN --mount=type=bind,from=a,target=/a true\n"),
              SizeIs(0));
}

TEST(Hermetic, EverySourceThatIsNotPinnedIsNamed) {
  testing::World world;
  const auto all =
      refusals(world,
               "# syntax=docker/dockerfile:1\nFROM alpine:3 AS unused\nFROM debian:12\n"
               "COPY --from=busybox /x /x\nRUN --mount=type=bind,from=tools:2,target=/t true\n"
               "ADD https://h/x /\nADD https://h/r.git#main /r\n");
  ASSERT_THAT(all, SizeIs(6));  // "unused" needs nothing
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"docker/dockerfile:1", "Dockerfile:1"},
      {"debian:12", "Dockerfile:3"},
      {"busybox", "Dockerfile:4"},
      {"tools:2", "Dockerfile:5"},
      {"https://h/x", "--checksum"},
      {"https://h/r.git#main", "#COMMIT"}};
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_THAT(all[i], HasSubstr(rows[i].first));
    EXPECT_THAT(all[i], HasSubstr(rows[i].second));
  }
}

TEST(Hermetic, BasesMayBeLetOff) {
  testing::World world;
  world.request.allow_unpinned_bases = true;
  EXPECT_THAT(refusals(world, "FROM alpine:3\n"), SizeIs(0));
  EXPECT_FALSE(world.events("message/1").empty());
  testing::World other;
  other.request.allow_unpinned_bases = true;
  EXPECT_THAT(refusals(other, "FROM alpine:3\nCOPY --from=alpine:4 /x /\n"), SizeIs(1));
}

TEST(Hermetic, NoRunLeavesTheFence) {
  testing::World world;
  EXPECT_THAT(refusals(world,
                       "FROM scratch\nRUN --network=host x\nRUN --security=insecure y\n"
                       "RUN --network=none z\nRUN --network=default z\n"),
              ElementsAre(HasSubstr("Dockerfile:2"), HasSubstr("Dockerfile:3")));
}

TEST(Hermetic, FlagsThatContradictAreUsage) {
  using Make = void (*)(Request&);
  const std::vector<Make> rows = {
      [](Request& r) { r.allow_network = {"*", "h"}; },
      [](Request& r) { r.network = "none", r.allow_network = {"h"}; },
      [](Request& r) { r.network = "host", r.hermetic = true; },
      [](Request& r) { r.network = "host", r.allow_network = {"h"}; },
      [](Request& r) { r.allow_unpinned_bases = true; },
      [](Request& r) { r.allow_network = {"https://h/"}; },
      [](Request& r) { r.hermetic = true, r.inputs.allow = {"security.insecure"}; },
      [](Request& r) { r.allow_network = {"h"}, r.inputs.allow = {"network.host"}; }};
  for (Make make : rows) {
    testing::World world;
    make(world.request);
    EXPECT_EQ(world.run().exit, 2) << &make - rows.data();
  }
}

Status decide(const Plan& plan, const json::value& question) {
  const auto rules = FenceRules::make(plan);
  return rules.ok() ? rules->decide(question) : rules.status();
}

json::value request_for(const char* url) {
  return {{"kind", "request"}, {"request", {{"method", "*"}, {"url", url}}}};
}

json::value source(const std::string& identifier) {
  return {{"kind", "source"}, {"source", {{"ref", "x"}, {"identifier", identifier}}}};
}

TEST(FenceRules, JudgeRequestsByTheNetwork) {
  Plan plan;
  EXPECT_TRUE(decide(plan, request_for("http://h/")).ok());
  plan.fence.network = "list";
  plan.fence.allow = {"h"};
  EXPECT_TRUE(decide(plan, request_for("http://h/")).ok());
  EXPECT_EQ(decide(plan, request_for("http://g/")).code(), Code::kPermissionDenied);
  plan.fence.network = "none";
  EXPECT_EQ(decide(plan, request_for("http://h/")).code(), Code::kPermissionDenied);
}

TEST(FenceRules, JudgeSourcesByTheirPins) {
  Plan plan;
  EXPECT_TRUE(decide(plan, source("docker-image://docker.io/library/alpine:3")).ok());
  plan.fence.hermetic = true;
  EXPECT_FALSE(decide(plan, source("docker-image://docker.io/library/alpine:3")).ok());
  EXPECT_TRUE(decide(plan, source("docker-image://docker.io/library/alpine:3" + kPin)).ok());
  plan.fence.unpinned_bases = true;
  plan.sources = {{"image", "alpine:3", 1, "from"}, {"image", "busybox", 2, "copy"}};
  EXPECT_TRUE(decide(plan, source("docker-image://docker.io/library/alpine:3")).ok());
  EXPECT_FALSE(decide(plan, source("docker-image://docker.io/library/busybox:latest")).ok());
}

}  // namespace
}  // namespace ktl
