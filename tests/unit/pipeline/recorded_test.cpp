#include "core/pipeline/recorded.h"

#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kOther = "sha256:" + std::string(64, 'b');
const std::string kCommit(40, 'c');

// A build that was recorded; `sources` are identifiers.
class RecordedTest : public ::testing::Test {
 protected:
  lock::Recorded record(const std::vector<std::string>& sources) {
    json::array list;
    for (const std::string& identifier : sources) {
      list.push_back({{"identifier", identifier}, {"platform", platform_}});
    }
    json::object turn = testing::plain_done_turn();
    json::object& solved = turn["done"].as_object()["solved"].as_object();
    solved["steps"] = steps_;
    solved["recording"] = {
        {"sources", list},
        {"files", {{{"uri", "https://a.example/f"}, {"digest", kDigest}}}},
        {"commits", {{{"uri", "https://a.example/r.git#main"}, {"commit", kCommit}}}},
        {"unlisted", unlisted_},
        {"whole", whole_}};
    world_.solver.on("next", turn);
    world_.request.command = "lock";
    EXPECT_EQ(world_.run().exit, 0);
    return world_.outcome.recorded;
  }
  void add_step(const json::object& request) {
    steps_.push_back({{"vertex", "v"},
                      {"name", "[a 2/3] RUN x"},
                      {"kind", "exec"},
                      {"step", ""},
                      {"cached", false},
                      {"daemon", "d"},
                      {"network", "list"},
                      {"requests", json::array{request}}});
  }

  testing::World world_;
  json::array steps_;
  json::array unlisted_;
  std::string platform_ = "linux/arm64/v8";
  bool whole_ = true;
};

TEST_F(RecordedTest, AnImageHasTheNameThatWasWritten) {
  world_.write("Dockerfile", "FROM alpine:3\nFROM b@" + kOther + "\n");
  const lock::Recorded all = record({"docker-image://docker.io/library/alpine:3",
                                     "docker-image://docker.io/library/alpine:3@" + kDigest,
                                     "docker-image://docker.io/library/b@" + kOther});
  ASSERT_EQ(all.images.size(), 2U);
  const lock::RecordedImage& alpine = all.images.at("docker.io/library/alpine:3");
  EXPECT_EQ(alpine.digest, kDigest);
  EXPECT_EQ(alpine.ref, "docker.io/library/alpine:3@" + kDigest);
  EXPECT_THAT(alpine.platforms, ElementsAre("linux/arm64/v8"));
  EXPECT_EQ(all.images.at("docker.io/library/b@" + kOther).digest, kOther);
  EXPECT_THAT(all.unknown, IsEmpty());
}

TEST_F(RecordedTest, OfAPinnedAndAnOpenOneTheOpenOneIsNotMistaken) {
  world_.write("Dockerfile", "FROM alpine:3\nFROM alpine:3@" + kOther + "\n");
  const lock::Recorded all = record({"docker-image://docker.io/library/alpine:3",
                                     "docker-image://docker.io/library/alpine:3@" + kDigest,
                                     "docker-image://docker.io/library/alpine:3@" + kOther});
  EXPECT_EQ(all.images.at("docker.io/library/alpine:3").digest, kDigest);
  EXPECT_EQ(all.images.at("docker.io/library/alpine:3@" + kOther).digest, kOther);
}

TEST_F(RecordedTest, WithoutAPlatformItIsThatOfTheBuild) {
  platform_ = "";
  world_.request.platforms = {"linux/s390x"};
  const lock::Recorded all = record({"docker-image://docker.io/library/a:1@" + kDigest});
  EXPECT_THAT(all.images.begin()->second.platforms, ElementsAre("linux/s390x"));
}

TEST_F(RecordedTest, FilesAndRepositories) {
  world_.write("Dockerfile",
               "FROM scratch\nADD https://a.example/r.git#main:sub /r\n"
               "ADD https://a.example/other.git#main /o\n");
  const lock::Recorded all =
      record({"https://a.example/f", "https://a.example/g", "git://a.example/r.git#main"});
  EXPECT_THAT(all.files, ElementsAre(Pair("https://a.example/f", kDigest)));
  EXPECT_THAT(all.repositories, ElementsAre(Pair("https://a.example/r.git#main:sub", kCommit)));
  EXPECT_THAT(all.unknown, ElementsAre("https://a.example/g", "https://a.example/other.git#main"));
}

TEST_F(RecordedTest, RequestsOfSteps) {
  add_step(
      {{"method", "GET"}, {"url", "http://a.example/1"}, {"status", 200}, {"digest", kDigest}});
  add_step({{"method", "GET"},
            {"url", "http://a.example/2"},
            {"status", 200},
            {"digest", ""},
            {"reason", "partial_response"}});
  unlisted_ = {"http://a.example/3"};
  const auto requests = record({}).requests;
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_EQ(requests[0],
            (lock::RecordedRequest{"RUN x", "GET", "http://a.example/1", 200, kDigest, ""}));
  EXPECT_THAT(requests[1].reason, HasSubstr("part"));
  EXPECT_EQ(requests[2].method, "*");
  EXPECT_THAT(requests[2].reason, HasSubstr("cut off"));
}

TEST_F(RecordedTest, SaysWhetherTheBuilderToldAll) {
  EXPECT_TRUE(record({}).whole);
  whole_ = false;
  EXPECT_FALSE(record({}).whole);
  world_.solver.on("next", testing::plain_done_turn());
  world_.run();
  EXPECT_FALSE(world_.outcome.recorded.whole);
}

TEST_F(RecordedTest, APlainBuildHasNone) {
  add_step({{"url", "http://a.example/1"}, {"digest", kDigest}});
  record({});
  testing::World plain;
  plain.run();
  EXPECT_TRUE(plain.outcome.recorded.requests.empty());
}

TEST_F(RecordedTest, StepsMayReachAnythingAndAreBehindTheProxy) {
  world_.request.hermetic = false;
  record({});
  const json::value fence = world_.solver.last["begin"].at("plan").at("fence");
  EXPECT_EQ(text_of(fence, "network"), "record");
  EXPECT_THAT(
      texts_of(field_of(world_.solver.last["begin"].at("plan"), "context")->as_object(), "exclude"),
      ElementsAre("ktl.lock"));
}

TEST_F(RecordedTest, ANetworkThatNobodySeesIsRefused) {
  world_.request.command = "lock";
  world_.request.network = "host";
  EXPECT_EQ(world_.run().exit, 2);
  world_.request.network = "";
  world_.request.inputs.allow = {"security.insecure"};
  EXPECT_EQ(world_.run().exit, 2);
  world_.request.inputs.allow.clear();
  world_.write("Dockerfile", "FROM scratch\nRUN --network=host x\n");
  EXPECT_EQ(world_.run().exit, 3);
}

}  // namespace
}  // namespace ktl
