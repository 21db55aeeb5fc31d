#include "cli/commands/doctor_registries.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using Words = std::vector<std::string>;

const std::vector<RegistryRule> kRules = {
    {.host = "*", .proxy = "http://p:1", .no_proxy = {"near.test"}, .origin = "f:2:3"},
    {.host = "near.test:5000", .http = true, .origin = "f:3:3"},
    {.host = "127.0.0.1:5000", .origin = "f:4:3"},
    {.host = "127.0.0.1:5001", .ca = "/ca.pem", .origin = "f:5:3"},
    {.host = "far.test", .mirrors = {"a", "b"}, .insecure = true, .origin = "f:6:3"}};

TEST(RegistryRows, SayWhatHoldsInTheEnd) {
  const auto rows = registry_rows(kRules, Environment({}));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].proxy, "");  // of near.test, whatever the port
  EXPECT_TRUE(rows[1].http);     // loopback
  EXPECT_FALSE(rows[2].http);    // unless it has an authority
  EXPECT_EQ(rows[2].proxy, "");
  EXPECT_EQ(rows[3].proxy, "http://p:1");
  EXPECT_EQ(rows[3].proxy_origin, "f:2:3");
  EXPECT_EQ(rows[3].mirrors, (Words{"a", "b"}));
  EXPECT_EQ(rows[4].host, "*");
  EXPECT_EQ(rows[4].proxy, "http://p:1");
}

TEST(RegistryRows, WithoutRulesThereIsOneForAll) {
  const auto rows = registry_rows({}, Environment({}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].host, "*");
  EXPECT_EQ(rows[0].proxy + rows[0].origin + rows[0].proxy_origin, "");
}

TEST(RegistryRows, TheEnvironmentsProxyGoesBefore) {
  const auto proxy_of = [](const std::string& no_proxy) {
    return registry_rows(kRules, Environment({{"https_proxy", "http://me:word@q:2"},
                                              {"NO_PROXY", no_proxy}}))[3]
        .proxy;
  };
  EXPECT_EQ(proxy_of("near.test"), "http://q:2");
  EXPECT_EQ(proxy_of("x,far.test"), "");
  EXPECT_EQ(proxy_of(".test:443"), "");
  EXPECT_EQ(proxy_of("ar.test"), "http://q:2");
  EXPECT_EQ(proxy_of("*"), "");
}

TEST(RegistryRows, AreATableThatNobodyCanWriteInto) {
  const std::string text =
      to_text(registry_rows({{.host = "a", .origin = "f\n:1"}}, Environment({})));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
  EXPECT_EQ(text.substr(0, 13), "REGISTRY  TLS");
}

}  // namespace
}  // namespace ktl::cli
