#include "builder/reach.h"

#include <gmock/gmock.h>

namespace ktl::builder {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<oci::RegistryRule> kRules = {
    {.host = "docker.io", .mirrors = {"m:5000", "n/\"x"}, .origin = "k:1"},
    {.host = "m:5000", .http = true, .origin = "k:2"},
    {.host = "127.0.0.1:1", .ca = "/ca.pem", .origin = "k:3"},
    {.host = "*", .proxy = "http://p:1", .no_proxy = {"m", "n"}, .origin = "k:4"}};

std::string nothing(const char* /*name*/) { return {}; }
std::string with_proxy(const char* name) {
  return std::string(name) == "HTTPS_PROXY" ? "http://mine" : "";
}

TEST(Reach, RulesBecomeTablesOfTheDaemon) {
  EXPECT_EQ(registry_tables(kRules),
            "[registry.\"docker.io\"]\nmirrors = [\"m:5000\", \"n/\\\"x\", ]\n"
            "[registry.\"m:5000\"]\nhttp = true\n"
            "[registry.\"127.0.0.1:1\"]\nhttp = false\nca = [\"/ca.pem\"]\n");
  EXPECT_EQ(registry_tables({}), "");
}

TEST(Reach, TheEnvironmentsProxyGoesBefore) {
  EXPECT_THAT(proxy_variables(kRules, nothing),
              ElementsAre("HTTPS_PROXY=http://p:1", "HTTP_PROXY=http://p:1", "NO_PROXY=m,n"));
  EXPECT_THAT(proxy_variables(kRules, with_proxy), IsEmpty());
  EXPECT_THAT(proxy_variables({}, nothing), IsEmpty());
}

TEST(Reach, WhatAForeignBuilderWillNotDoIsNamedWhereItMatters) {
  EXPECT_THAT(rules_out_of_reach(kRules, {"docker.io"}, "unix:///b"),
              ElementsAre(HasSubstr("k:1: mirrors of docker.io"),
                          HasSubstr("k:4: proxy of all registries")));
  EXPECT_THAT(rules_out_of_reach(kRules, {}, "unix:///b"), IsEmpty());
}

}  // namespace
}  // namespace ktl::builder
