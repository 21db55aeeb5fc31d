// Where the builder of a locked build is led.
#include "kept.h"

#include <gtest/gtest.h>

#include <thread>

#include "fake_host.h"
#include "lock/kept_name.h"
#include "watch.h"

namespace ktl::solver {
namespace {

const std::string kA = "sha256:" + std::string(64, 'a');
const std::string kB = "sha256:" + std::string(64, 'b');
const std::string kCommit(40, 'c');
constexpr const char* kBase = "http://127.0.0.1:5/secret";

json::value document() {
  return {{"url", kBase},
          {"images",
           {{{"ref", "docker.io/library/here:1"}, {"digest", kA}, {"here", true}},
            {{"ref", "docker.io/library/there:1"}, {"digest", kB}, {"here", false}}}},
          {"repositories", {{{"name", "github.com/o/r"}, {"commit", kCommit}}}}};
}

class KeptTest : public ::testing::Test {
 protected:
  std::string pinned(const std::string& identifier) {
    const auto source = kept_.pinned({identifier, {}, false});
    return source ? source->identifier : "";
  }
  Kept kept_{document(), "session"};
};

TEST_F(KeptTest, PinsWhatTheDockerfileDidNot) {
  EXPECT_EQ(pinned("docker-image://docker.io/library/there:1"),
            "docker-image://docker.io/library/there:1@" + kB);
  EXPECT_EQ(pinned("docker-image://docker.io/library/there:1@" + kA), "");
  EXPECT_EQ(pinned("docker-image://docker.io/library/unknown:1"), "");
  EXPECT_EQ(pinned("git://github.com/o/r.git"), "git://github.com/o/r.git#" + kCommit);
  EXPECT_EQ(pinned("git://github.com/o/r.git#main:sub"),
            "git://github.com/o/r.git#" + kCommit + ":sub");
  EXPECT_EQ(pinned("git://github.com/o/other.git#main"), "");
}

TEST_F(KeptTest, ImagesThatAreHereComeOutOfTheSession) {
  const auto source =
      kept_.instead_of({"docker-image://docker.io/library/here:1@" + kA, {}, false}, "");
  ASSERT_TRUE(source);
  EXPECT_EQ(source->identifier, "oci-layout://docker.io/library/here:1@" + kA);
  EXPECT_EQ(source->attributes.at("oci.session"), "session");
  EXPECT_EQ(source->attributes.at("oci.store"), kKeptStore);
  EXPECT_TRUE(kept_.gave(source->identifier));
  EXPECT_FALSE(kept_.instead_of({"docker-image://docker.io/library/there:1@" + kB, {}, false}, ""));
}

TEST_F(KeptTest, EachStepIsLedToItsOwn) {
  const Asked asked{"https://h:443/x", {}, true};
  const auto one = kept_.instead_of(asked, "[1/2] RUN one");
  const auto two = kept_.instead_of(asked, "[2/2] RUN two");
  EXPECT_EQ(one->identifier, std::string(kBase) + "/" + lock::kept_name("RUN one", "https://h/x"));
  EXPECT_NE(one->identifier, two->identifier);
  EXPECT_EQ(kept_.origin_of(one->identifier)->step, "RUN one");
  EXPECT_EQ(kept_.origin_of(one->identifier)->url, "https://h:443/x");
  EXPECT_FALSE(kept_.origin_of("https://h:443/x"));
  EXPECT_TRUE(one->attributes.empty());  // the builder's proxy takes none
}

TEST(Kept, WithoutALockNothingChanges) {
  Kept none(nullptr, "session");
  EXPECT_FALSE(none.holds());
  EXPECT_FALSE(none.instead_of({"https://h/x", {}, true}, "RUN one"));
  EXPECT_FALSE(none.pinned({"docker-image://docker.io/library/here:1", {}, false}));
}

class LockedWatchTest : public ::testing::Test {
 protected:
  const json::value plan_ = {{"fence", {{"network", "locked"}}}};
  testing::FakeHost host_;
  Kept kept_{document(), "session"};
  Watch watch_{host_, plan_, "b1", kept_, [] {}};
};

TEST_F(LockedWatchTest, LeadsARequestToWhatTheRunningStepMayHave) {
  host_.answer = HostAnswer{true, ""};
  watch_.set_running({"[1/2] RUN one"});
  const Verdict verdict = watch_.judge({"http://h/x", {}, true});
  ASSERT_TRUE(verdict.instead);
  EXPECT_TRUE(watch_.judge({verdict.instead->identifier, {}, true}).refused.empty());
  EXPECT_EQ(watch_.rule_of(verdict.instead->identifier), "ktl.lock");
  EXPECT_EQ(watch_.rule_of("http://h/x"), std::nullopt);
  EXPECT_EQ(host_.questions.size(), 1U);  // what it was led to is no question
}

TEST_F(LockedWatchTest, WaitsUntilItIsKnownWhichStepRuns) {
  host_.answer = HostAnswer{true, ""};
  std::jthread later([this] { watch_.set_running({"[2/2] RUN two"}); });
  EXPECT_TRUE(watch_.judge({"http://h/x", {}, true}).refused.empty());
  EXPECT_EQ(text_of(host_.questions.at(0).at("request"), "step"), "[2/2] RUN two");
}

TEST_F(LockedWatchTest, NobodyRunsNobodyGets) {
  host_.answer = HostAnswer{true, ""};
  EXPECT_FALSE(watch_.judge({"http://h/x", {}, true}).refused.empty());
  EXPECT_TRUE(host_.questions.empty());
  host_.answer = HostAnswer{false, "not locked"};
  watch_.set_running({"[1/2] RUN one", "[a 1/1] RUN two"});
  EXPECT_EQ(watch_.judge({"http://h/y", {}, true}).refused, "not locked");
  EXPECT_EQ(host_.questions.size(), 2U);  // each of them
}

}  // namespace
}  // namespace ktl::solver
