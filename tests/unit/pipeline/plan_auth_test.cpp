// What the worker may have of credentials.
#include "core/pipeline/plan_auth.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Knows a password for every registry, each of which asks for what its name says.
class Keeper final : public AuthService {
 public:
  Result<std::optional<oci::Credentials>> credentials(std::string_view) const override {
    return std::optional<oci::Credentials>(oci::Credentials("user", "hunter2"));
  }
  Result<oci::Entry> entry(std::string_view registry) const override {
    return registry.starts_with("away")    ? Status(Code::kUnavailable, "nobody answers")
           : registry.starts_with("basic") ? Result<oci::Entry>(oci::Entry::kBasic)
                                           : oci::Entry::kToken;
  }
  Result<oci::Token> token(std::string_view registry,
                           const std::vector<std::string>& scopes) const override {
    asked.push_back(std::string(registry));
    asked.insert(asked.end(), scopes.begin(), scopes.end());
    return oci::Token("token");
  }
  mutable std::vector<std::string> asked;
};

class PlanAuthTest : public testing::Test {
 protected:
  PlanAuthTest() {
    Plan plan;
    plan.sources = {{"image", "docker.io/library/alpine:3", 1},
                    {"image", "tokens.test/base:1", 2},
                    {"image", "basic.test/base:1", 3},
                    {"image", "away.test/base:1", 4}};
    plan.registries = {{.host = "docker.io", .mirrors = {"mirror.test", "farm.test/hub/x"}},
                       {.host = "unused.test", .mirrors = {"strange.test"}}};
    plan.inputs.build_contexts["tools"] = "docker-image://tokens.test/tools";
    plan.inputs.cache_to = {{"registry", "", {{"ref", "tokens.test/cache:1"}}}};
    auth_.follow(plan);
  }

  std::string heard() const { return said_.empty() ? "" : said_.back(); }

  std::shared_ptr<Keeper> keeper_ = std::make_shared<Keeper>();
  std::vector<std::string> said_;
  PlanAuth auth_{keeper_, [this](std::string, json::object body) {
                   said_.push_back(std::string(text_of(body, "level")) + " " +
                                   std::string(text_of(body, "text")));
                 }};
};

TEST_F(PlanAuthTest, WhereThereAreTokensNoPasswordIsHandedOut) {
  EXPECT_FALSE(auth_.credentials("tokens.test")->has_value());
  EXPECT_FALSE(auth_.credentials("registry-1.docker.io")->has_value());
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(PlanAuthTest, WhereNothingElseIsTakenAWarningSaysSo) {
  auto found = auth_.credentials("basic.test");
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->secret(), "hunter2");
  ASSERT_TRUE(auth_.credentials("basic.test").ok());
  EXPECT_THAT(said_, ElementsAre("warn basic.test takes passwords only and gives no tokens: the "
                                 "builder was given the password"));
}

TEST_F(PlanAuthTest, WhoCannotBeAskedGetsNothing) {
  EXPECT_FALSE(auth_.credentials("away.test")->has_value());
  EXPECT_THAT(heard(), HasSubstr("nobody answers"));
}

TEST_F(PlanAuthTest, AStrangerGetsNeither) {
  EXPECT_FALSE(auth_.credentials("basic.other")->has_value());
  EXPECT_THAT(heard(), HasSubstr("which no image of this build comes from"));
  EXPECT_EQ(auth_.token("tokens.other", {"repository:x:pull"}).status().code(), Code::kNotFound);
  EXPECT_THAT(keeper_->asked, IsEmpty());
}

TEST_F(PlanAuthTest, TokensAreForWhatThePlanWants) {
  EXPECT_EQ(auth_
                .token("tokens.test",
                       {"repository:base:pull,push", "repository:cache:pull,push",
                        "repository:tools:pull", "repository:secret:pull", "registry:catalog:*"})
                ->value(),
            "token");
  EXPECT_THAT(keeper_->asked, ElementsAre("tokens.test", "repository:base:pull",
                                          "repository:cache:pull,push", "repository:tools:pull"));
  keeper_->asked.clear();
  EXPECT_TRUE(auth_.token("registry-1.docker.io", {"repository:library/alpine:pull"}).ok());
  EXPECT_THAT(keeper_->asked, ElementsAre("docker.io", "repository:library/alpine:pull"));
}

TEST_F(PlanAuthTest, AMirrorIsAskedForWhatItMirrors) {
  EXPECT_TRUE(auth_.token("mirror.test", {"repository:library/alpine:pull,push"}).ok());
  EXPECT_TRUE(auth_
                  .token("farm.test", {"repository:hub/x/library/alpine:pull",
                                       "repository:library/alpine:pull", "repository:hub/x:pull"})
                  .ok());
  EXPECT_THAT(keeper_->asked, ElementsAre("mirror.test", "repository:library/alpine:pull",
                                          "farm.test", "repository:hub/x/library/alpine:pull",
                                          "repository:library/alpine:pull"));
  EXPECT_FALSE(auth_.token("strange.test", {"repository:library/alpine:pull"}).ok());
}

TEST_F(PlanAuthTest, ATokenForSomethingElseIsRefused) {
  EXPECT_EQ(auth_.token("tokens.test", {"repository:secret:pull"}).status().code(),
            Code::kPermissionDenied);
  EXPECT_EQ(auth_.token("tokens.test", {"repository:base:push"}).status().code(),
            Code::kPermissionDenied);
  EXPECT_THAT(heard(), HasSubstr("warn the builder asked for a token of tokens.test"));
  EXPECT_THAT(keeper_->asked, IsEmpty());
}

TEST(PlanAuthWithoutPlan, HandsOutNothing) {
  const PlanAuth auth(std::make_shared<Keeper>(), {});
  EXPECT_FALSE(auth.credentials("basic.test")->has_value());
  EXPECT_FALSE(auth.token("tokens.test", {"repository:base:pull"}).ok());
}

}  // namespace
}  // namespace ktl
