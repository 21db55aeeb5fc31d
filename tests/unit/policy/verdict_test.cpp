#include "verdict.h"

#include <gtest/gtest.h>

#include "report.h"

namespace ktl::policy {
namespace {

json::value said(const char* rule, json::value value) {
  return json::object{{"said", json::array{json::object{
                                   {"unit", "u"}, {"rule", rule}, {"value", std::move(value)}}}}};
}

TEST(Verdict, ATextIsItsOwnMessage) {
  const auto remarks = remarks_of(said("data.ktl.build.deny", "no"), "Dockerfile");
  ASSERT_TRUE(remarks.ok());
  EXPECT_EQ(json::serialize(remarks->denials), R"([{"rule":"ktl.build.deny","message":"no"}])");
  EXPECT_TRUE(remarks->warnings.empty());
}

TEST(Verdict, AnObjectSaysWhereAndWhat) {
  const json::object value{{"msg", "no"}, {"code", "R1"}, {"line", 7}, {"fix", "do"}};
  const auto remarks = remarks_of(said("data.ktl.build.warn", value), "x.Dockerfile");
  ASSERT_TRUE(remarks.ok());
  EXPECT_EQ(json::serialize(remarks->warnings),
            R"([{"rule":"R1","message":"no","location":"x.Dockerfile:7","edit":"do"}])");
}

TEST(Verdict, NoMessageIsNoVerdict) {
  const auto remarks = remarks_of(said("data.ktl.build.deny", json::object{{"rule", "r"}}), "");
  EXPECT_EQ(remarks.status().code(), Code::kFailedPrecondition);
}

TEST(Verdict, OnlyTrueAllows) {
  auto denials = [](json::object decision) {
    return remarks_of(said("data.docker.decision", std::move(decision)), "")->denials.size();
  };
  EXPECT_EQ(denials({{"allow", true}}), 0U);
  EXPECT_EQ(denials({{"allow", true}, {"deny_msg", json::array{"x"}}}), 0U);
  EXPECT_EQ(denials({{"allow", false}}), 1U);
  EXPECT_EQ(denials({}), 1U);
  EXPECT_EQ(denials({{"deny_msg", json::array{"a", "b"}}}), 2U);
  EXPECT_FALSE(remarks_of(said("data.docker.decision", json::object{{"allow", "true"}}), "").ok());
}

TEST(Verdict, InWarnModeNothingDenies) {
  const Remarks kept = in_mode({{"d"}, {"w"}}, true);
  EXPECT_TRUE(kept.denials.empty());
  EXPECT_EQ(kept.warnings.size(), 2U);
}

TEST(Report, WhatFailedHasNotPassed) {
  Report report("warn");
  report.add("prepare", {});
  report.fail("live", "why");
  const std::string text = report.text("r.json");
  EXPECT_NE(text.find("\"passed\": false"), std::string::npos);
  EXPECT_NE(text.find("\"error\": \"why\""), std::string::npos);
}

}  // namespace
}  // namespace ktl::policy
