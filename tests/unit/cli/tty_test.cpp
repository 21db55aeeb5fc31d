#include "cli/render/tty.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

class FixedClock : public Clock {
 public:
  [[nodiscard]] int64_t monotonic_ns() const override { return 0; }
  [[nodiscard]] int64_t unix_ns() const override { return 3'000'000'000; }
};

// The screen after `bytes`: enough of ECMA-48 for what LiveArea writes.
std::vector<std::string> screen(const std::string& bytes) {
  std::vector<std::string> lines(1);
  size_t row = 0;
  bool home = true;  // the cursor is in the first column
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      row += 1;
      lines.resize(std::max(lines.size(), row + 1));
    } else if (bytes[i] == '\x1b') {
      size_t end = bytes.find_first_of("ABJK", i);
      size_t count = bytes[end] == 'J' || bytes[end] == 'K' ? 0 : std::stoul(bytes.substr(i + 2));
      row += bytes[end] == 'B' ? count : 0;
      row -= bytes[end] == 'A' ? count : 0;
      if (bytes[end] == 'J') {
        lines.resize(row + 1);
        lines[row].clear();
      }
      i = end;
    } else if (bytes[i] != '\r') {
      lines[row] = home ? "" : lines[row];
      lines[row] += bytes[i];
    }
    home = bytes[i] == '\n' || bytes[i] == '\r' || (home && bytes[i - 1] != 'K');
    home = home && (bytes[i] < ' ' || std::string("ABJK").find(bytes[i]) != std::string::npos);
  }
  return lines;
}

struct Stage {
  MemoryConsole console;
  FixedClock clock;
  Tty tty{{.colours = false, .unicode = false}, console, clock};

  std::vector<std::string> draw() {
    tty.draw();
    return screen(console.err_text);
  }
};

TEST(Tty, AFinishedStageScrollsUp) {
  Stage stage;
  stage.console.width = 40;
  stage.tty.on_event(started("v1", "[a 1/1] RUN a"));
  stage.tty.on_event(started("v2", "[b 1/1] RUN a very long command for 40"));
  stage.tty.on_event(log("v2", "hello\n"));
  EXPECT_EQ(
      stage.draw(),
      (std::vector<std::string>{
          "[+] Building 0.0s (0/2)       2 running", " a                                  0/1",
          " > [a 1/1] RUN a                   2.0s", " b                                  0/1",
          " > [b 1/1] RUN a very long comman… 2.0s", "   | hello", ""}));
  stage.tty.on_event(completed("v1", "[a 1/1] RUN a"));
  EXPECT_EQ(
      stage.draw(),
      (std::vector<std::string>{
          " a                         1 step, 1.2s", " + [a 1/1] RUN a                   1.2s",
          "[+] Building 0.0s (1/2)       1 running", " b                                  0/1",
          " > [b 1/1] RUN a very long comman… 2.0s", "   | hello", ""}));
  stage.tty.finish();
  EXPECT_EQ(screen(stage.console.err_text),
            (std::vector<std::string>{" a                         1 step, 1.2s",
                                      " + [a 1/1] RUN a                   1.2s",
                                      " b                                  0/1",
                                      " > [b 1/1] RUN a very long comman… 2.0s", ""}));
}

TEST(Tty, WhatOthersPrintStandsAbove) {
  Stage stage;
  stage.tty.on_event(started("v1", "[a 1/1] RUN a"));
  stage.draw();
  stage.console.err("one\ntwo\n");
  auto lines = stage.draw();
  EXPECT_EQ(lines[0], "one");
  EXPECT_EQ(lines[1], "two");
  EXPECT_TRUE(lines[2].starts_with("[+] Building")) << lines[2];
  stage.tty.finish();
  stage.console.err("last\n");
  EXPECT_TRUE(stage.console.err_text.ends_with("\nlast\n"));
}

TEST(Tty, HeldItShowsTheFailureAndDrawsNothing) {
  Stage stage;
  stage.tty.on_event(started("v1", "[a 1/2] RUN a"));
  stage.tty.on_event(completed("v1", "[a 1/2] RUN a", R"("error":"no")"));
  stage.tty.on_event(started("v2", "[b 1/1] RUN b"));
  stage.draw();
  stage.tty.on_event(event("terminal.lent/1", R"({"notice":"a shell"})"));
  stage.tty.hold(true);
  const auto lines = screen(stage.console.err_text);
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[lines.size() - 2], "a shell");
  EXPECT_TRUE(lines[1].starts_with(" x [a 1/2] RUN a")) << lines[1];
  for (const std::string& line : lines) {
    EXPECT_FALSE(line.starts_with("[+]")) << line;
  }
  const std::string before = stage.console.err_text;
  stage.tty.on_event(log("v2", "hello\n"));
  stage.draw();
  stage.console.err("one\n");
  EXPECT_EQ(stage.console.err_text, before);
  stage.tty.hold(false);
  EXPECT_EQ(stage.draw()[lines.size() - 1], "one");
}

TEST(Tty, ShowsPushesAsOneStep) {
  Stage stage;
  auto push = [](const std::string& digest, int bytes, const std::string& done) {
    return event("push/1", R"({"name":"r/app","digest":")" + digest + R"(","bytes":)" +
                               std::to_string(bytes) + R"(,"total":4000,"done":)" + done + "}");
  };
  stage.tty.on_event(push("sha256:a", 4000, "true"));
  stage.tty.on_event(push("sha256:b", 1000, "false"));
  auto lines = stage.draw();
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[1].starts_with(" > pushing r/app")) << lines[1];
  EXPECT_EQ(lines[2], "   - 1 of 2 done 5.0kB / 8.0kB");
  stage.tty.on_event(event("stage.completed/1", R"({"stage":"export","outcome":"done"})"));
  EXPECT_TRUE(stage.draw()[0].starts_with(" + pushing r/app")) << stage.draw()[0];
}

TEST(Tty, NeverIsHigherThanTheScreen) {
  Stage stage;
  stage.console.height = 6;
  for (int i = 0; i < 30; ++i) {
    stage.tty.on_event(started("v" + std::to_string(i), "[1/1] RUN x"));
  }
  EXPECT_LE(stage.draw().size(), 6U);
}

TEST(Tty, NeverHidesTheCursor) {
  Stage stage;
  stage.tty.on_event(started("v1", "[1/1] RUN x"));
  stage.draw();
  stage.tty.finish();
  EXPECT_EQ(stage.console.err_text.find("\x1b[?"), std::string::npos);
}

}  // namespace
}  // namespace ktl::cli
