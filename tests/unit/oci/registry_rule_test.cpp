#include "oci/registry_rule.h"

#include <gtest/gtest.h>

namespace ktl::oci {
namespace {

TEST(RegistryRule, IsReadFromPlansAndWrittenBack) {
  const std::vector<RegistryRule> rules = {
      {.host = "docker.io", .mirrors = {"m:5000"}, .origin = "/p/ktl.yaml:2:3"},
      {.host = "r:5000", .ca = "/ca.pem"},
      {.host = "*", .proxy = "http://p:1", .no_proxy = {"r"}}};
  const json::object plan{{"registries", to_json(rules)}};
  EXPECT_EQ(registry_rules(plan), rules);
  EXPECT_TRUE(registry_rules(json::object()).empty());
  EXPECT_EQ(rule_for(rules, "docker.io"), rules.data());
  EXPECT_EQ(rule_for(rules, "r"), nullptr);
}

TEST(RegistryRule, CertificatesMeanTls) {
  EXPECT_FALSE((RegistryRule{.host = "r", .mirrors = {"m"}}).wants_tls());
  EXPECT_TRUE((RegistryRule{.host = "r", .insecure = true}).wants_tls());
  EXPECT_TRUE((RegistryRule{.host = "r", .ca = "/ca.pem"}).wants_tls());
}

}  // namespace
}  // namespace ktl::oci
