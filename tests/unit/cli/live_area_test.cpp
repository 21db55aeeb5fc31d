#include "cli/render/live_area.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

TEST(LiveArea, DrawsOnlyLinesThatChanged) {
  LiveArea area;
  EXPECT_EQ(area.draw({}, {"a", "b", "c"}, 80), "a\nb\nc\n");
  EXPECT_EQ(area.draw({}, {"a", "b", "c"}, 80), "");
  EXPECT_EQ(area.draw({}, {"a", "B", "c"}, 80), "\x1b[2A\rB\x1b[K\r\x1b[2B");
}

TEST(LiveArea, PrintsAboveOnce) {
  LiveArea area;
  EXPECT_EQ(area.draw({"one"}, {"a", "b"}, 80), "one\na\nb\n");
  EXPECT_EQ(area.draw({"two"}, {"a", "b"}, 80), "\x1b[2A\r\x1b[Jtwo\na\nb\n");
}

TEST(LiveArea, RedrawsWhenItsShapeChanges) {
  LiveArea area;
  EXPECT_EQ(area.draw({}, {}, 80), "");
  EXPECT_EQ(area.draw({}, {"a"}, 80), "a\n");
  EXPECT_EQ(area.draw({}, {"a"}, 60), "\x1b[1A\r\x1b[Ja\n");
  EXPECT_EQ(area.draw({}, {"a", "b"}, 60), "\x1b[1A\r\x1b[Ja\nb\n");
  EXPECT_EQ(area.draw({"end"}, {}, 60), "\x1b[2A\r\x1b[Jend\n");
  EXPECT_EQ(area.draw({}, {}, 60), "");
}

}  // namespace
}  // namespace ktl::cli
