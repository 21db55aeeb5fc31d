#include "secrets/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "secrets/rule_file.h"
#include "secrets/samples.h"

namespace ktl::secrets {
namespace {

using testing::HasSubstr;

std::filesystem::path rule_folder() { return std::string(KTL_SOURCE_DIR) + "/lib/secrets/rules"; }

std::string fault(std::string_view config) {
  return Rules::load(config, "rules.yaml").status().to_string();
}

TEST(RulesTest, EveryRuleComesWithSamplesThatItJudgesRightly) {
  size_t judged = 0;
  for (const auto& entry : std::filesystem::directory_iterator(rule_folder())) {
    auto text = read_file(entry.path(), 1U << 20U);
    ASSERT_TRUE(text.ok());
    auto failing = failing_samples(*text, entry.path().filename().string(), judged);
    ASSERT_TRUE(failing.ok()) << failing.status().to_string();
    for (const std::string& line : *failing) {
      ADD_FAILURE() << line;
    }
    auto read = read_rule_file(*text, entry.path().string(), {});
    ASSERT_TRUE(read.ok()) << read.status().to_string();
    for (const Samples& samples : read->samples) {
      EXPECT_FALSE(samples.positive.empty()) << samples.rule;
      EXPECT_FALSE(samples.negative.empty()) << samples.rule;
    }
    for (const Rule& rule : read->rules) {
      EXPECT_FALSE(rule.fix.empty()) << rule.id;
      EXPECT_TRUE(!rule.keywords.empty() || rule.regex.empty()) << rule.id;
    }
  }
  EXPECT_GT(judged, 250U);
}

TEST(RulesTest, AFileChangesFieldByFieldAddsAndDisables) {
  auto rules = Rules::load(
      "rules:\n"
      "  - {id: github-pat, severity: warn}\n"
      "  - {id: acme, description: Acme key, keywords: [acme_], regex: 'acme_[0-9]{8}'}\n"
      "disable: [github-oauth]\n",
      "f");
  ASSERT_TRUE(rules.ok()) << rules.status().to_string();
  EXPECT_EQ(rules->find("github-pat")->severity, Severity::kWarn);
  EXPECT_EQ(rules->find("github-pat")->keywords, std::vector<std::string>{"ghp_"});
  EXPECT_NE(rules->find("acme"), nullptr);
  EXPECT_EQ(rules->find("github-oauth"), nullptr);
  EXPECT_NE(rules->digest(), Rules::load()->digest());
  EXPECT_EQ(Rules::load()->digest(), Rules::load()->digest());
}

TEST(RulesTest, FaultsNameFileLineAndColumn) {
  EXPECT_THAT(fault("rules:\n  - {id: a, description: b, regex: '(a'}\n"),
              AllOf(HasSubstr("rules.yaml:2:"), HasSubstr("refused")));
  EXPECT_THAT(fault("rules:\n  - {id: a, description: b, regex: '(?=a)'}\n"), HasSubstr("refused"));
  EXPECT_THAT(fault("rulez: []\n"), HasSubstr("rules.yaml:1:1: there is no field 'rulez'"));
  EXPECT_THAT(fault("disable: [nothing]\n"), HasSubstr("there is no rule 'nothing'"));
  EXPECT_THAT(fault("allow:\n  - {rule: github-pat}\n"), HasSubstr("reason"));
  EXPECT_THAT(fault("allow:\n  - {reason: all}\n"), HasSubstr("everything"));
  EXPECT_THAT(fault("allow:\n  - {rule: github-pat, reason: r, expires: soon}\n"),
              HasSubstr("rules.yaml:2:"));
  EXPECT_THAT(fault("rules:\n  - {id: a, severity: enforce}\n"), HasSubstr("none of: warn, block"));
  EXPECT_THAT(fault("rules:\n  - {id: a, description: b, regex: c, keywords: [abc]}\n"),
              HasSubstr("4 to 64"));
  EXPECT_THAT(fault("rules: [\n"), HasSubstr("rules.yaml:"));
}

TEST(RulesTest, AnExceptionCountsUntilItsDay) {
  constexpr std::string_view kFile =
      "allow:\n  - {rule: github-pat, path: '^t/', reason: tests, expires: 2027-01-31}\n";
  auto before = Rules::load(kFile, "f", 1'700'000'000);
  auto after = Rules::load(kFile, "f", 1'900'000'000);
  ASSERT_TRUE(before.ok() && after.ok());
  const Rule& rule = *before->find("github-pat");
  EXPECT_TRUE(before->allows(rule, "t/a", "v"));
  EXPECT_FALSE(before->allows(rule, "a", "v"));
  EXPECT_FALSE(after->allows(rule, "t/a", "v"));
  EXPECT_EQ(after->expired().size(), 1U);
  EXPECT_NE(before->digest(), after->digest());
}

TEST(RulesTest, AKeyedHashAllowsOneValueOfOneRule) {
  auto plain = Rules::load();
  const std::string hash = plain->keyed_hash(*plain->find("github-pat"), "v");
  auto rules = Rules::load("allow:\n  - {hash: '" + hash + "', reason: known}\n", "f");
  ASSERT_TRUE(rules.ok());
  EXPECT_TRUE(rules->allows(*rules->find("github-pat"), "", "v"));
  EXPECT_FALSE(rules->allows(*rules->find("github-pat"), "", "w"));
  EXPECT_FALSE(rules->allows(*rules->find("gitlab-pat"), "", "v"));
}

TEST(RulesTest, FilesAreFoundByTheirPathAlone) {
  auto rules = Rules::load();
  ASSERT_EQ(rules->match_path("app/release.jks").size(), 1U);
  EXPECT_TRUE(rules->match_path("app/main.cpp").empty());
}

}  // namespace
}  // namespace ktl::secrets
