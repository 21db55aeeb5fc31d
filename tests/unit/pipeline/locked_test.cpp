// --locked: what the plan takes from ktl.lock, and what is refused that it does not have.
#include <gmock/gmock.h>

#include "core/pipeline/fence_rules.h"
#include "core/pipeline/locked.h"
#include "core/pipeline/step_ledger.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::HasSubstr;

const std::string kA = "sha256:" + std::string(64, 'a');
const std::string kB = "sha256:" + std::string(64, 'b');
const std::string kCommit(40, 'c');

lock::Lock example() {
  lock::Lock lock;
  lock.images["docker.io/library/alpine:3"] = kA;
  lock.files["https://h/file"] = kB;
  lock.repositories["https://github.com/o/r.git"] = kCommit;
  lock.downloads = {{"RUN one", "https://h/x", kA, 5, "text/html"},
                    {"RUN two", "https://h/x", kB, 6, ""}};
  lock.not_lockable = {{"RUN one", "POST", "https://h/post", "POST is no GET"}};
  return lock;
}

LockRules rules() { return LockRules(std::make_shared<const lock::Lock>(example())); }

json::value image(const std::string& ref, const std::string& digest) {
  return {{"identifier", "docker-image://" + ref + (digest.empty() ? "" : "@" + digest)},
          {"ref", ref},
          {"digest", digest}};
}

TEST(LockRules, AStepGetsItsOwnDownloadsAndNothingElse) {
  const LockRules own = rules();
  EXPECT_TRUE(own.decide_request("[2/3] RUN one", "https://h/x").ok());
  EXPECT_TRUE(own.decide_request("[stage 1/1] RUN one", "https://H:443/x").ok());
  for (const char* url : {"https://h/y", "http://h/x", "https://h:444/x", "https://h/x?a"}) {
    EXPECT_EQ(own.decide_request("[2/3] RUN one", url).code(), Code::kPermissionDenied) << url;
  }
  EXPECT_FALSE(own.decide_request("[2/3] RUN three", "https://h/x").ok());
  EXPECT_FALSE(own.decide_request("", "https://h/x").ok());
  EXPECT_EQ(own.find("RUN two", "https://h/x")->digest, kB);
}

TEST(LockRules, WhatCannotBeLockedIsRefusedWithTheReason) {
  const Status status = rules().decide_request("[2/3] RUN one", "https://h/post");
  EXPECT_THAT(status.message(), HasSubstr("POST is no GET"));
}

TEST(LockRules, SourcesAreThoseOfTheLock) {
  const LockRules own = rules();
  EXPECT_TRUE(own.decide_source(image("docker.io/library/alpine:3", kA)).ok());
  EXPECT_FALSE(own.decide_source(image("docker.io/library/alpine:3", kB)).ok());
  EXPECT_FALSE(own.decide_source(image("docker.io/library/alpine:3", "")).ok());
  EXPECT_FALSE(own.decide_source(image("docker.io/library/other:3", kA)).ok());
  const auto file = [](const std::string& url, const std::string& sum) -> json::value {
    return {{"identifier", url}, {"checksum", sum}};
  };
  EXPECT_TRUE(own.decide_source(file("https://h/file", kB)).ok());
  EXPECT_FALSE(own.decide_source(file("https://h/file", kA)).ok());
  EXPECT_FALSE(own.decide_source(file("https://h/file", "")).ok());
  EXPECT_FALSE(own.decide_source(file("https://h/other", kB)).ok());
  const auto git = [](const std::string& ref) -> json::value {
    return {{"identifier", "git://github.com/o/r.git#" + ref}};
  };
  EXPECT_TRUE(own.decide_source(git(kCommit)).ok());
  EXPECT_TRUE(own.decide_source(git(kCommit + ":folder")).ok());
  EXPECT_FALSE(own.decide_source(git("main")).ok());
  EXPECT_FALSE(own.decide_source(git(std::string(40, 'd'))).ok());
  EXPECT_FALSE(own.decide_source(git(std::string(40, 'd') + ":" + kCommit)).ok());
  const json::value query{{"identifier", "git://github.com/o/r.git?commit=" + kCommit}};
  EXPECT_FALSE(own.decide_source(query).ok());
}

TEST(RepositoryName, IsTheSameInEveryForm) {
  for (const char* url : {"https://github.com/o/r.git", "git://github.com/o/r", "github.com/o/r",
                          "git@github.com:o/r.git#main:sub", "https://u:p@github.com/o/r.git?x"}) {
    EXPECT_EQ(repository_name(url), "github.com/o/r") << url;
  }
}

class LockedTest : public ::testing::Test {
 protected:
  void write(const std::string& dockerfile, const lock::Lock& lock) {
    world_.write("Dockerfile", dockerfile);
    world_.write("ktl.lock", lock::to_text(lock));
    world_.request.locked = world_.request.hermetic = true;
  }
  const json::value& plan() { return world_.solver.last["begin"].at("plan"); }
  testing::World world_;
};

TEST_F(LockedTest, WithoutALockItIsHermetic) {
  world_.write("Dockerfile", "FROM scratch\n");
  world_.request.locked = world_.request.hermetic = true;
  ASSERT_EQ(world_.run().exit, 0);
  EXPECT_EQ(text_of(plan().at("fence"), "network"), "none");
  EXPECT_EQ(text_of(plan().at("fence"), "lock"), "");
  EXPECT_TRUE(bool_of(plan().at("fence"), "locked"));
  EXPECT_EQ(text_of(plan().at("args"), "SOURCE_DATE_EPOCH"), "0");
}

TEST_F(LockedTest, SourcesArePinnedAsTheLockSays) {
  lock::Lock lock = example();
  lock.downloads.clear();
  lock.files.clear();
  write("FROM alpine:3\n", lock);
  ASSERT_EQ(world_.run().exit, 0);
  EXPECT_EQ(text_of(plan().at("pins").at(0), "digest"), kA);
  EXPECT_EQ(text_of(plan().at("fence"), "network"), "none");
  const json::value& kept = world_.solver.last["begin"].at("kept");
  EXPECT_EQ(text_of(kept, "url"), "");
  EXPECT_EQ(text_of(kept.at("images").at(0), "digest"), kA);
  EXPECT_FALSE(bool_of(kept.at("images").at(0), "here"));
  EXPECT_EQ(text_of(kept.at("repositories").at(0), "name"), "github.com/o/r");
}

TEST_F(LockedTest, TheUsersEpochStays) {
  write("FROM scratch\n", {});
  world_.request.build_args["SOURCE_DATE_EPOCH"] = "1700000000";
  ASSERT_EQ(world_.run().exit, 0);
  EXPECT_EQ(text_of(plan().at("args"), "SOURCE_DATE_EPOCH"), "1700000000");
}

TEST_F(LockedTest, WhatTheLockDoesNotHaveIsRefusedWithItsLine) {
  write("FROM alpine:3\nFROM scratch\nCOPY --from=other:1 /x /x\nADD https://h/other /x\n",
        example());
  EXPECT_EQ(world_.run().exit, 3);
  std::string said;
  for (const char* type : {"build.failed/1", "message/1"}) {
    for (const auto& event : world_.events(type)) {
      said += json::serialize(event);
    }
  }
  EXPECT_THAT(said, HasSubstr("Dockerfile:3"));
  EXPECT_THAT(said, HasSubstr("Dockerfile:4"));
  EXPECT_THAT(said, HasSubstr("ktl lock"));
  EXPECT_THAT(said, ::testing::Not(HasSubstr("Dockerfile:1")));
}

TEST_F(LockedTest, ABrokenLockAndFlagsThatSayOtherwiseAreUsage) {
  for (const char* text : {"{}", "no JSON", ""}) {
    testing::World world;
    world.write("ktl.lock", text);
    world.request.locked = world.request.hermetic = true;
    EXPECT_EQ(world.run().exit, 2) << text;
  }
  write("FROM scratch\n", {});
  world_.request.allow_network = {"h"};
  EXPECT_EQ(world_.run().exit, 2);
}

TEST_F(LockedTest, ABuilderElsewhereCannotBeServed) {
  lock::Lock lock = example();
  write("FROM scratch\n", lock);
  world_.request.builder = "tcp://127.0.0.1:1";
  EXPECT_EQ(world_.run().exit, 6);
}

json::object step_with(const std::string& name, const std::string& url, const std::string& other) {
  return {{"name", name},
          {"cached", false},
          {"requests", {{{"url", url}, {"for", other}, {"digest", ""}}}}};
}

TEST_F(LockedTest, AStepThatGotWhatIsAnothersIsSeenByItsList) {
  Bus bus("b1");
  const BuildSetup setup{.request = world_.request,
                         .plugins = world_.plugins,
                         .bus = bus,
                         .cancel = world_.cancel,
                         .state = world_.root,
                         .version = ""};
  Build build(setup);
  build.plan.lock = std::make_shared<const lock::Lock>(example());
  auto check = [&](const json::object& step) {
    return check_requests(build, json::array{step}).code();
  };
  EXPECT_EQ(check(step_with("[1/2] RUN one", "https://h/x", "RUN one")), Code::kOk);
  EXPECT_EQ(check(step_with("[1/2] RUN one", "https://h/x", "RUN two")), Code::kPermissionDenied);
  EXPECT_EQ(check(step_with("[1/2] RUN three", "https://h/x", "RUN one")), Code::kPermissionDenied);
}

}  // namespace
}  // namespace ktl
