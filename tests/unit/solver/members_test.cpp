#include "members.h"

#include <gmock/gmock.h>

namespace ktl::solver {
namespace {

using ::testing::ElementsAre;

Member member(std::vector<std::string> runs, std::vector<std::string> told = {}) {
  Member made;
  made.address.text = "unix:///" + runs.front();
  made.kind = "external";
  made.platforms = std::move(told);
  made.info = {.version = "v0.34.2", .platforms = std::move(runs), .state = "x"};
  return made;
}

// "0: a b; 1: c".
std::string shared(const std::vector<std::string>& platforms, std::vector<Member> members) {
  std::string text;
  for (const Share& share : share_out(platforms, members)) {
    text += (text.empty() ? "" : "; ") + std::to_string(share.member) + ":";
    for (const std::string& platform : share.platforms) {
      text += " " + platform;
    }
  }
  return text;
}

std::vector<Member> members(std::vector<std::string> told_first = {}) {
  std::vector<Member> made;
  made.push_back(member({"linux/amd64", "linux/arm64"}, std::move(told_first)));
  made.push_back(member({"linux/arm64"}));
  return made;
}

TEST(Members, EachPlatformGoesToWhoRunsItNatively) {
  EXPECT_EQ(shared({"linux/amd64", "linux/arm64"}, members()), "0: linux/amd64; 1: linux/arm64");
  EXPECT_EQ(shared({"linux/arm64"}, members()), "1: linux/arm64");
}

TEST(Members, WhoWasToldToComesFirst) {
  EXPECT_EQ(shared({"linux/arm64", "linux/amd64"}, members({"linux/arm64", "linux/amd64"})),
            "0: linux/arm64 linux/amd64");
}

TEST(Members, WhatNobodyRunsGoesToTheFirst) {
  EXPECT_EQ(shared({"linux/s390x"}, members()), "0: linux/s390x");
  EXPECT_EQ(shared({}, members()), "0:");
}

TEST(Members, WishesAreTheDocumentsMembersOrItsAddress) {
  EXPECT_EQ(wishes_of(json::object{{"address", "unix:///a"}}).at(0).address, "unix:///a");
  EXPECT_EQ(wishes_of(json::object{{"builder", "unix:///b"}}).at(0).address, "unix:///b");
  const json::object document{
      {"address", "farm"},
      {"members",
       json::array{json::object{{"address", "tcp://h:1"}, {"cacert", "/ca"}},
                   json::object{{"address", "ssh://h"}, {"platforms", {"linux/arm64"}}}}}};
  const auto wishes = wishes_of(document);
  ASSERT_EQ(wishes.size(), 2U);
  EXPECT_EQ(wishes[0].tls.cacert, "/ca");
  EXPECT_THAT(wishes[1].platforms, ElementsAre("linux/arm64"));
}

TEST(Members, SeveralAreOneFeaturesDocumentWithAllOfThem) {
  const json::object one = features_of(std::vector<Member>(1));
  EXPECT_FALSE(one.contains("members"));
  const auto both = members();
  const json::object all = features_of(both);
  EXPECT_EQ(text_of(all, "address"), "unix:///linux/amd64, unix:///linux/arm64");
  EXPECT_THAT(texts_of(all, "platforms"), ElementsAre("linux/amd64", "linux/arm64"));
  EXPECT_EQ(all.at("members").as_array().size(), 2U);
}

}  // namespace
}  // namespace ktl::solver
