#include "oci/registry/challenge.h"

#include <gtest/gtest.h>

namespace ktl::oci {
namespace {

TEST(Challenge, ReadsParametersQuotedOrNot) {
  auto list = parse_challenges(
      R"(Bearer realm="https://auth.example/token",service=reg, scope="repository:a:pull,push")");
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].scheme, "bearer");
  EXPECT_EQ(list[0].param("realm"), "https://auth.example/token");
  EXPECT_EQ(list[0].param("service"), "reg");
  EXPECT_EQ(list[0].param("scope"), "repository:a:pull,push");
  EXPECT_EQ(list[0].param("absent"), "");
}

TEST(Challenge, SeparatesSeveralSchemes) {
  auto list = parse_challenges(R"(Negotiate, Basic realm="a \"b\", c", Bearer realm="r")");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].scheme, "negotiate");
  EXPECT_EQ(list[1].param("realm"), "a \"b\", c");
  EXPECT_EQ(list[2].scheme, "bearer");
}

TEST(Challenge, PrefersATokenToAPassword) {
  EXPECT_EQ(choose_challenge(
                {{"www-authenticate", "Basic realm=x"}, {"www-authenticate", "Bearer realm=y"}})
                .param("realm"),
            "y");
  EXPECT_EQ(choose_challenge({{"www-authenticate", "Digest q=1, Basic realm=x"}}).scheme, "basic");
  EXPECT_EQ(choose_challenge({{"www-authenticate", "Digest q=1"}}).scheme, "");
}

TEST(Challenge, SurvivesGarbage) {
  for (const char* text :
       {"", "=", "\"", "Bearer =", "Bearer realm=\"", ",,,", "a=b=c", "\\", "= = ="}) {
    EXPECT_LE(parse_challenges(text).size(), 3U) << text;
  }
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "Scheme ";
  }
  EXPECT_EQ(parse_challenges(many).size(), 16U);
}

}  // namespace
}  // namespace ktl::oci
