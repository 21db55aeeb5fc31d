#include "watch.h"

#include <gtest/gtest.h>

#include "fake_host.h"
#include "services/policy.h"

namespace ktl::solver {
namespace {

constexpr const char* kUrl = "http://a.example:8080/x";

class WatchTest : public ::testing::Test {
 protected:
  const json::value plan_ = {{"fence", {{"network", "list"}, {"allow", {"a.example:8080"}}}}};
  testing::FakeHost host_;
  int told_ = 0;
  Kept kept_{nullptr, "session"};
  Watch watch_{host_, plan_, "b1", kept_, [this] { ++told_; }};
};

TEST_F(WatchTest, PutsARequestToKtlAndRemembersThatItWasAllowed) {
  host_.answer = HostAnswer{true, ""};
  watch_.set_running({"[2/2] RUN x"});
  EXPECT_EQ(watch_.judge({kUrl, {}, true}).refused, "");
  const json::value& asked = host_.questions.at(0);
  EXPECT_EQ(text_of(asked, "kind"), "request");
  EXPECT_EQ(text_of(asked.at("request"), "url"), kUrl);
  EXPECT_EQ(text_of(asked.at("request"), "step"), "[2/2] RUN x");
  EXPECT_EQ(watch_.rule_of(kUrl), "a.example:8080");
  EXPECT_EQ(watch_.rule_of("http://a.example:8080/other"), std::nullopt);
  EXPECT_FALSE(watch_.refusal());
}

TEST_F(WatchTest, TheSchemesOwnPortIsNoDifference) {
  host_.answer = HostAnswer{true, ""};
  EXPECT_EQ(watch_.judge({"https://b.example:443/x", {}, true}).refused, "");
  EXPECT_EQ(watch_.rule_of("https://b.example/x"), "");
}

TEST_F(WatchTest, NamesSourcesAsPlansDo) {
  host_.answer = HostAnswer{true, ""};
  const std::string digest = "sha256:" + std::string(64, 'a');
  watch_.judge({"docker-image://docker.io/library/alpine:3@" + digest, {}, false});
  watch_.judge({"https://h/x", {{"http.checksum", digest}}, false});
  watch_.judge({"git://h/r.git#main", {{"git.checksum", "abc"}}, false});
  const auto source = [this](size_t i) -> const json::value& {
    return host_.questions.at(i).at("source");
  };
  EXPECT_EQ(text_of(source(0), "ref"), "docker.io/library/alpine:3");
  EXPECT_EQ(text_of(source(0), "digest"), digest);
  EXPECT_EQ(text_of(source(1), "checksum"), digest);
  EXPECT_EQ(text_of(source(2), "commit"), "abc");
}

TEST_F(WatchTest, FoldersOfTheBuildAreNotAskedAbout) {
  EXPECT_EQ(watch_.judge({"local://context", {}, false}).refused, "");
  EXPECT_TRUE(host_.questions.empty());
}

TEST_F(WatchTest, WhatIsRefusedIsToldOnceWithItsReason) {
  host_.answer = HostAnswer{false, "not from there"};
  EXPECT_EQ(watch_.judge({kUrl, {}, true}).refused, "not from there");
  EXPECT_EQ(watch_.judge({"http://other/", {}, true}).refused, "not from there");
  const auto refusal = watch_.refusal();
  ASSERT_TRUE(refusal);
  EXPECT_TRUE(refusal->request);
  EXPECT_EQ(refusal->what, kUrl);
  EXPECT_EQ(refusal->reason, "not from there");
  EXPECT_EQ(told_, 2);
  EXPECT_EQ(watch_.rule_of(kUrl), std::nullopt);
}

TEST_F(WatchTest, NobodyToAskIsNo) {
  host_.answer = Status(Code::kUnavailable, "gone");
  EXPECT_EQ(watch_.judge({kUrl, {}, true}).refused, "gone");
  host_.answer = HostAnswer{false, ""};
  EXPECT_NE(watch_.judge({kUrl, {}, true}).refused, "");
  EXPECT_NE(watch_.judge({"", {}, false}).refused, "");
}

TEST(IsFenced, ByNetworkOrByPins) {
  EXPECT_FALSE(is_fenced(json::object{}));
  EXPECT_FALSE(is_fenced({{"fence", {{"network", "open"}, {"hermetic", false}}}}));
  EXPECT_TRUE(is_fenced({{"fence", {{"network", "open"}, {"hermetic", true}}}}));
  EXPECT_TRUE(is_fenced({{"fence", {{"network", "none"}, {"hermetic", false}}}}));
}

}  // namespace
}  // namespace ktl::solver
