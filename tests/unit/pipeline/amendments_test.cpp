#include "core/pipeline/amendments.h"

#include <gmock/gmock.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

const std::string kOne = "sha256:" + std::string(64, '1');
const std::string kTwo = "sha256:" + std::string(64, '2');

json::object pin(const std::string& ref, const std::string& digest) {
  return testing::amendments({{"pins", json::array{{{"ref", ref}, {"digest", digest}}}}});
}

class AmendmentsTest : public ::testing::Test {
 protected:
  static Plan draft() {
    Plan plan;
    plan.labels = {{"mine", "yes"}};
    plan.sources = {{"image", "alpine", 1},
                    {"image", "docker.io/library/alpine:latest", 2},
                    {"image", "busybox@" + kOne, 3},
                    {"git", "https://host/x.git", 4},
                    {"http", "https://host/$FILE", 5},
                    {"http", "https://host/file", 6}};
    return plan;
  }
  Status take(const std::string& plugin, const json::object& some) {
    return amendments_.take(plugin, testing::amendments(some));
  }

  Plan plan_ = draft();
  Amendments amendments_{plan_};
};

TEST_F(AmendmentsTest, LabelsAreAddedAndTheUsersStay) {
  EXPECT_TRUE(take("one", {{"labels", {{"a", "1"}, {"mine", "no"}}}}).ok());
  EXPECT_TRUE(take("two", {{"labels", {{"a", "1"}}}}).ok());
  EXPECT_THAT(plan_.labels, ElementsAre(Pair("a", "1"), Pair("mine", "yes")));
  EXPECT_THAT(amendments_.notes(), ElementsAre(HasSubstr("label mine stays")));
  const Status other = take("two", {{"labels", {{"a", "2"}}}});
  EXPECT_EQ(other.code(), Code::kInvalidArgument);
  EXPECT_THAT(other.message(), HasSubstr("one and two want different things"));
  EXPECT_EQ(take("two", {{"labels", {{"", "2"}}}}).code(), Code::kInternal);
}

TEST_F(AmendmentsTest, PathsAreLeftOutOfAFolderOnly) {
  EXPECT_TRUE(take("one", {{"exclude", {"b", "./a"}}}).ok());
  EXPECT_THAT(plan_.exclude, ElementsAre("a", "b"));
  EXPECT_EQ(take("one", {{"exclude", {"../a"}}}).code(), Code::kInternal);
  plan_.context_kind = "url";
  EXPECT_EQ(take("one", {{"exclude", {"a"}}}).code(), Code::kInvalidArgument);
}

TEST_F(AmendmentsTest, OneImageHasOnePinHoweverItIsWritten) {
  EXPECT_TRUE(amendments_.take("one", pin("alpine", kOne)).ok());
  EXPECT_TRUE(amendments_.take("two", pin("docker.io/library/alpine:latest", kOne)).ok());
  EXPECT_THAT(plan_.pins,
              ElementsAre(Pair("alpine", kOne), Pair("docker.io/library/alpine:latest", kOne)));
  const Status other = amendments_.take("two", pin("docker.io/library/alpine:latest", kTwo));
  EXPECT_EQ(other.code(), Code::kInvalidArgument);
  EXPECT_THAT(other.message(), HasSubstr("one and two"));
}

TEST_F(AmendmentsTest, WhatIsPinnedInTheDockerfileStays) {
  EXPECT_TRUE(amendments_.take("one", pin("busybox@" + kOne, kOne)).ok());
  EXPECT_TRUE(plan_.pins.empty());
  EXPECT_EQ(amendments_.take("one", pin("busybox@" + kOne, kTwo)).code(), Code::kInvalidArgument);
}

TEST_F(AmendmentsTest, WhatCannotBePinnedIsNoPin) {
  for (const char* ref : {"elsewhere", "https://host/x.git", "https://host/$FILE"}) {
    EXPECT_EQ(amendments_.take("one", pin(ref, kOne)).code(), Code::kInvalidArgument) << ref;
  }
  EXPECT_TRUE(amendments_.take("one", pin("https://host/file", kOne)).ok());
}

}  // namespace
}  // namespace ktl
