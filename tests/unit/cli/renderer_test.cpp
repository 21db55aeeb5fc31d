#include "cli/render/renderer.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

std::string shown(const std::string& mode, bool terminal) {
  MemoryConsole console;
  console.is_terminal = terminal;
  auto renderer = make_renderer(mode, {.colours = false}, console, system_clock());
  renderer->on_event(started("v1", "[1/1] RUN x"));
  renderer->on_event(completed("v1", "[1/1] RUN x"));
  renderer->finish();
  EXPECT_EQ(console.out_text, "");
  return console.err_text;
}

TEST(Renderer, AutoIsPlainWithoutATerminal) {
  std::string plain = "#1 [1/1] RUN x\n#1 DONE 1.2s\n";
  EXPECT_EQ(shown("auto", false), plain);
  EXPECT_EQ(shown("tty", false), plain);
  EXPECT_EQ(shown("plain", true), plain);
  EXPECT_NE(shown("auto", true), plain);
}

TEST(Renderer, QuietSaysNothing) { EXPECT_EQ(shown("quiet", true), ""); }

TEST(Renderer, RawJsonIsOneEventALine) {
  std::string text = shown("rawjson", false);
  size_t end = text.find('\n');
  Result<Event> first = event_from_line(text.substr(0, end));
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(first->type, "vertex.started/1");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

}  // namespace
}  // namespace ktl::cli
