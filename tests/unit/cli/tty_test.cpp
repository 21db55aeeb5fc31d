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
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') {
      row += 1;
      lines.resize(std::max(lines.size(), row + 1));
    } else if (bytes[i] == '\r') {
      lines[row] = bytes[i + 1] == '\x1b' ? lines[row] : "";
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
    } else {
      lines[row] += bytes[i];
    }
  }
  return lines;
}

TEST(Tty, RunningStepsStayBelowFinishedOnes) {
  MemoryConsole console;
  FixedClock clock;
  Tty tty(false, console, clock);
  tty.on_event(started("v1", "[1/2] RUN a"));
  tty.on_event(started("v2", "[2/2] RUN a very long command that does not fit into 40 columns"));
  console.width = 40;
  tty.on_event(log("v2", "hello\n"));
  tty.draw();
  EXPECT_EQ(
      screen(console.err_text),
      (std::vector<std::string>{"Building 0.0s (0/2 steps)", "#1 [1/2] RUN a 2.0s",
                                "#2 [2/2] RUN a very long command … 2.0s", "   | hello", ""}));
  tty.on_event(completed("v1", "[1/2] RUN a"));
  tty.draw();
  EXPECT_EQ(screen(console.err_text)[0], "#1 [1/2] RUN a DONE 1.2s");
  EXPECT_EQ(screen(console.err_text)[1], "Building 0.0s (1/2 steps)");
  tty.on_event(completed("v2", "[2/2] RUN b", R"("cached":true,"error":"")"));
  tty.finish();
  EXPECT_EQ(screen(console.err_text),
            (std::vector<std::string>{"#1 [1/2] RUN a DONE 1.2s", "#2 [2/2] RUN b CACHED", ""}));
}

TEST(Tty, NeverIsHigherThanTheScreen) {
  MemoryConsole console;
  console.height = 6;
  FixedClock clock;
  Tty tty(false, console, clock);
  for (int i = 0; i < 30; ++i) {
    tty.on_event(started("v" + std::to_string(i), "[1/1] RUN x"));
  }
  tty.draw();
  EXPECT_LE(screen(console.err_text).size(), 6U);
  tty.finish();
}

}  // namespace
}  // namespace ktl::cli
