#include "cli/render/audience.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

// What a whole build of one failing step puts on stderr.
std::string shown(const std::string& mode, bool terminal) {
  auto& console = *new MemoryConsole;  // outlives the bus's threads
  console.is_terminal = terminal;
  Bus bus("b");
  Audience audience(mode, {.colours = false}, console, bus, nullptr);
  for (const Event& each :
       {started("v1", "[1/1] RUN x"), log("v1", "first\n"),
        completed("v1", "[1/1] RUN x", R"("error":"no")"),
        event(
            "build.failed/1",
            R"({"message":"no","error":{"step":"[1/1] RUN x","vertex":"v1","log_tail":["t"]}})")}) {
    bus.publish(each.type, each.body);
  }
  audience.finish();
  audience.conclude("");
  std::string text = console.err_text;
  delete &console;
  return text;
}

TEST(Audience, ATerminalGetsTheWholeLogOfAFailure) {
  std::string text = shown("auto", true);
  EXPECT_NE(text.find("log of [1/1] RUN x\n    first\nError: no\n"), std::string::npos) << text;
}

TEST(Audience, ALogHasItAlready) {
  EXPECT_EQ(shown("plain", false),
            "#1 [1/1] RUN x\n#1 | first\n#1 ERROR: no\n"
            "Error: no\n- step: [1/1] RUN x\n- log:\n    t\n");
}

TEST(Audience, QuietStillSaysWhy) {
  EXPECT_EQ(shown("quiet", true),
            "log of [1/1] RUN x\n    first\nError: no\n- step: [1/1] RUN x\n");
}

TEST(Audience, QuietTellsWhoGetsTheTerminal) {
  MemoryConsole console;
  const auto quiet = make_renderer("quiet", {}, console, system_clock());
  quiet->on_event(event("terminal.lent/1", R"({"notice":"a shell\u001b"})"));
  quiet->on_event(log("v1", "first\n"));
  EXPECT_EQ(console.err_text, "a shell\n");
}

TEST(Audience, RawJsonIsNothingButEvents) {
  std::string text = shown("rawjson", false);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  EXPECT_EQ(text.find("Error: no\n"), std::string::npos);
}

TEST(Looks, FollowLocaleAndNoColor) {
  auto looks = [](Variables variables) {
    return looks_of(Environment(std::move(variables)), false);
  };
  EXPECT_TRUE(looks({{"LANG", "de_DE.UTF-8"}}).unicode);
  EXPECT_TRUE(looks({{"LANG", "C"}, {"LC_ALL", "C.utf8"}}).unicode);
  EXPECT_FALSE(looks({{"LANG", "de_DE.UTF-8"}, {"LC_ALL", "C"}}).unicode);
  EXPECT_FALSE(looks({}).unicode);
  EXPECT_TRUE(looks({}).colours);
  EXPECT_FALSE(looks({{"NO_COLOR", "1"}}).colours);
  EXPECT_FALSE(looks_of(Environment({}), true).colours);
}

}  // namespace
}  // namespace ktl::cli
