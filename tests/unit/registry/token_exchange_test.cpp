// Tokens for credentials, from registries that are asked themselves.
#include "oci/registry/token_exchange.h"

#include <gmock/gmock.h>

#include "fake_registry.h"

namespace ktl::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TokenExchangeTest : public ::testing::Test {
 protected:
  TokenExchangeTest()
      : fake_(new FakeRegistry()),
        exchange_(std::unique_ptr<http::Transport>(fake_),
                  [](std::string_view) {
                    return std::optional<Credentials>(Credentials("user", "hunter2"));
                  },
                  {}) {
    fake_->admits = "Bearer T";
  }

  FakeRegistry* fake_;  // the exchange's
  TokenExchange exchange_;
};

constexpr const char* kBearer = R"(Bearer realm="https://auth.example/token",service="reg")";

TEST_F(TokenExchangeTest, ARegistryIsAskedOnceWhatItWants) {
  fake_->challenge = kBearer;
  EXPECT_EQ(*exchange_.entry("reg.example"), Entry::kToken);
  EXPECT_EQ(*exchange_.entry("reg.example"), Entry::kToken);
  EXPECT_THAT(fake_->log, ElementsAre("GET /v2/"));
}

TEST_F(TokenExchangeTest, BasicIsSaidAndGivesNoTokens) {
  fake_->challenge = R"(Basic realm="x")";
  EXPECT_EQ(*exchange_.entry("reg.example"), Entry::kBasic);
  EXPECT_EQ(exchange_.token("reg.example", {"repository:a:pull"}).status().code(), Code::kNotFound);
}

TEST_F(TokenExchangeTest, ScopesAndTimeGoThrough) {
  fake_->challenge = kBearer;
  fake_->token_answer = R"({"token":"T","expires_in":300})";
  auto token = exchange_.token("reg.example", {"repository:a:pull", "repository:b:pull,push"});
  ASSERT_TRUE(token.ok()) << token.status().to_string();
  EXPECT_EQ(token->value(), "T");
  EXPECT_EQ(token->seconds(), 300);
  EXPECT_EQ(fake_->log.back(),
            "GET /token?scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush&"
            "client_id=ktl&service=reg");
  EXPECT_THAT(fake_->token_authorization, HasSubstr("Basic "));
}

TEST_F(TokenExchangeTest, CredentialsGoToNoServerThatCannotBeTrusted) {
  for (const char* realm : {"http://auth.example/token", "https://127.0.0.1/token"}) {
    auto* fake = new FakeRegistry();
    fake->admits = "Bearer T";
    fake->challenge = std::string("Bearer realm=\"") + realm + "\"";
    TokenExchange exchange(
        std::unique_ptr<http::Transport>(fake),
        [](std::string_view) { return std::optional<Credentials>(Credentials("user", "hunter2")); },
        {});
    EXPECT_EQ(exchange.token("reg.example", {"repository:a:pull"}).status().code(),
              Code::kUnauthenticated);
    EXPECT_THAT(fake->log, ElementsAre("GET /v2/"));
  }
}

}  // namespace
}  // namespace ktl::oci
