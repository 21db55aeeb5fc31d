#include "core/pipeline/note_steps.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

json::object step(char letter, bool cached, const std::string& kind = "exec") {
  return {{"vertex", "v"},    {"name", "[1/1] RUN"},
          {"kind", kind},     {"step", letter == 0 ? "" : "sha256:" + std::string(64, letter)},
          {"cached", cached}, {"daemon", "a daemon"}};
}

// Builds once with these steps; the fences that its record names.
class NoteSteps : public ::testing::Test {
 protected:
  std::vector<std::string> fences(const json::array& steps) {
    json::object turn = testing::plain_done_turn();
    turn["done"].as_object()["solved"].as_object()["steps"] = steps;
    world_.solver.on("next", turn);
    EXPECT_EQ(world_.run().exit, 0);
    std::vector<std::string> found;
    const json::value record = world_.record();
    for (const json::value& each : record.at("steps").as_array()) {
      EXPECT_EQ(field_of(each, "daemon"), nullptr);
      found.emplace_back(text_of(each, "fence"));
    }
    return found;
  }
  std::filesystem::path ledger() {
    for (const auto& entry : std::filesystem::directory_iterator(world_.root / "state/ledger")) {
      if (entry.path().extension() == ".jsonl") {
        return entry.path();
      }
    }
    return {};
  }
  bool warned(const std::string& word) {
    for (const json::object& message : world_.events("message/1")) {
      if (text_of(message, "text").find(word) != std::string_view::npos) {
        return true;
      }
    }
    return false;
  }

  testing::World world_;
  using Fences = std::vector<std::string>;
};

TEST_F(NoteSteps, ACachedStepHasTheFenceOfItsEntry) {
  EXPECT_EQ(fences({step('a', true)}), Fences{"unknown"});
  EXPECT_EQ(fences({step('a', false), step('b', true)}), (Fences{"none", "unknown"}));
  EXPECT_EQ(fences({step('a', true), step('b', true)}), (Fences{"none", "unknown"}));
}

TEST_F(NoteSteps, OnlyWhatRunsIsEntered) {
  EXPECT_EQ(fences({step('a', false, "file"), step('b', true, "source"), step(0, false)}),
            (Fences{"none", "none", "none"}));
  EXPECT_EQ(ledger(), std::filesystem::path());
  EXPECT_EQ(fences({step(0, true)}), Fences{"unknown"});
}

TEST_F(NoteSteps, AnotherDaemonKnowsNothingOfIt) {
  fences({step('a', false)});
  json::object other = step('a', true);
  other["daemon"] = "another daemon";
  EXPECT_EQ(fences({other}), Fences{"unknown"});
}

TEST_F(NoteSteps, ALedgerThatIsNoneCostsAWarningAndKnowledge) {
  fences({step('a', false)});
  EXPECT_FALSE(warned("ledger"));
  const std::filesystem::path file = ledger();
  std::filesystem::remove(file);
  std::filesystem::create_directory(file);
  EXPECT_EQ(fences({step('a', true), step('b', false)}), (Fences{"unknown", "none"}));
  EXPECT_TRUE(warned("ledger"));
}

// A build whose result a scanner refuses; the solver says at its end what it had run.
TEST_F(NoteSteps, WhatARefusedBuildRanIsKnownToTheNext) {
  world_.request.tags = {"it"};
  world_.add_exporter("exporter");
  world_.add_scanner("scanner").on(
      "scan",
      json::object{{"schema", "ktl.findings/1"},
                   {"findings", {{{"rule", "r"}, {"severity", "block"}, {"message", "m"}}}}});
  world_.solver.on("next", [this](const json::value&, const CallContext&) {
    if (!world_.solver.last.contains("resume")) {
      return Result<json::value>(testing::gate_turn('a'));
    }
    json::object end = testing::failed_turn("refused: m");
    end["done"].as_object()["steps"] = json::array{step('a', false)};
    return Result<json::value>(end);
  });
  EXPECT_NE(world_.run().exit, 0);
  EXPECT_EQ(world_.record().at("steps").as_array().size(), 1U);
  EXPECT_FALSE(ledger().empty());
}

TEST_F(NoteSteps, WhatAFailedBuildSaysItRanIsKnownToTheNext) {
  json::object end = testing::failed_turn("no space left");
  end["done"].as_object()["steps"] = json::array{step('a', false)};
  world_.solver.on("next", end);
  EXPECT_NE(world_.run().exit, 0);
  EXPECT_EQ(world_.record().at("steps").as_array().size(), 1U);
  EXPECT_FALSE(ledger().empty());
}

}  // namespace
}  // namespace ktl
