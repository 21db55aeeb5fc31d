#include "core/plugins/check/check.h"

#include <unistd.h>

#include <algorithm>

#include "core/document/schemas.h"
#include "core/plugins/check/child.h"
#include "core/plugins/check/samples.h"
#include "host/rig.h"

namespace ktl {
namespace {

std::string failures(const CheckReport& report) {
  std::string all;
  for (const auto& line : report.lines) {
    if (line.outcome == CheckLine::Outcome::kFail) {
      all += line.step + " (" + line.rule + "): " + line.what + "\n";
    }
  }
  return all;
}

CheckReport check(const std::string& plugin, const json::value& config = json::object()) {
  auto report = check_plugin({test_plugin(plugin).native(), config});
  EXPECT_TRUE(report.ok()) << report.status().to_string();
  return report.ok() ? *std::move(report) : CheckReport();
}

TEST(Check, APluginThatKeepsTheRulesPasses) {
  auto report = check("planted-nothing");
  EXPECT_TRUE(report.ok()) << failures(report);
  EXPECT_EQ(report.id, "test.planted-nothing");
  EXPECT_GE(report.lines.size(), 8U);
  for (const char* good : {"block-scan", "services", "isolate-not", "throws"}) {
    auto other = check(good);
    EXPECT_TRUE(other.ok()) << good << ": " << failures(other);
  }
}

class Planted : public testing::TestWithParam<const char*> {};

TEST_P(Planted, IsFoundByName) {
  std::string rule = GetParam();
  auto report = check("planted-" + rule);
  bool found = std::ranges::any_of(report.lines, [&](const CheckLine& line) {
    return line.outcome == CheckLine::Outcome::kFail && line.rule == rule && !line.what.empty();
  });
  EXPECT_TRUE(found) << failures(report);
}

INSTANTIATE_TEST_SUITE_P(Check, Planted,
                         testing::Values("exports", "unlisted", "prints", "threads", "descriptors",
                                         "directory", "umask", "signals", "environment", "locale",
                                         "one-instance", "no-instance", "silent-failure",
                                         "ok-after-fail", "write-after-fail", "unknown-code",
                                         "late-call", "bad-json", "bad-document", "too-big",
                                         "bad-event", "flood", "bad-text", "hangs", "crash",
                                         "exits", "borrowed"));

// These break the contract before anything of them runs.
TEST(Check, WhatCannotBeLoadedIsSaidSo) {
  for (const char* name : {"planted-incomplete", "promises", "lies-about-abi"}) {
    auto report = check(name);
    ASSERT_FALSE(report.ok()) << name;
    EXPECT_EQ(report.lines.back().rule, "load") << name;
  }
  for (const char* name : {"other-abi", "no-plugin", "no-manifest", "later-abi"}) {
    auto report = check(name);
    ASSERT_FALSE(report.ok()) << name;
    EXPECT_EQ(report.lines.back().rule, "file") << name;
  }
  EXPECT_EQ(check_plugin({"/nonexistent/x.so", json::object()}).status().code(), Code::kNotFound);
}

TEST(Check, AWritableFileIsRefused) {
  TempFolder folder;
  folder.copy("block-scan", "a.so");
  chmod((folder / "a.so").c_str(), 0666);
  auto report = check_plugin({(folder / "a.so").native(), json::object()});
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(failures(*report),
            "file (file): " + (folder / "a.so").native() + " can be changed by others\n");
}

TEST(Check, WithoutAValidConfigurationLittleCanBeSaid) {
  auto report = check("block-scan", json_of(R"({"severity":7})"));
  EXPECT_TRUE(report.ok()) << failures(report);
  auto skipped = std::ranges::count(report.lines, CheckLine::Outcome::kSkip, &CheckLine::outcome);
  EXPECT_GE(skipped, 4);
}

TEST(Check, SamplesFollowTheirSchemas) {
  for (const Verb& verb : verbs::kAll) {
    if (is_harmless(verb) && *verb.in != 0) {
      Status valid = check_document(verb.in, sample_for(verb, Manifest()));
      EXPECT_TRUE(valid.ok()) << verb.interface_id << " " << verb.name << ": " << valid.message();
    }
    EXPECT_TRUE(*verb.in == 0 || !schema_text(verb.in).empty()) << verb.in;
    EXPECT_TRUE(*verb.out == 0 || !schema_text(verb.out).empty()) << verb.out;
  }
}

TEST(Child, IsKilledAfterItsTime) {
  auto end = run_in_child(
      [](const Say& say) {
        say(json::object{{"begun", true}});
        for (;;) {
          pause();
        }
      },
      200);
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE(end->timed_out);
  EXPECT_FALSE(end->finished);
  EXPECT_EQ(end->said.size(), 1U);
}

}  // namespace
}  // namespace ktl
