#include "cli/render/live_area.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

constexpr Size kSize = {80, 24};

TEST(LiveArea, DrawsOnlyLinesThatChanged) {
  LiveArea area;
  EXPECT_EQ(area.draw({}, {}, kSize), "");
  EXPECT_EQ(area.draw({}, {"a", "b", "c"}, kSize), "\ra\x1b[K\nb\x1b[K\nc\x1b[K\n\x1b[J");
  EXPECT_EQ(area.draw({}, {"a", "b", "c"}, kSize), "");
  EXPECT_EQ(area.draw({}, {"a", "B", "c"}, kSize), "\x1b[3A\r\x1b[1BB\x1b[K\n\x1b[1B\x1b[J");
}

TEST(LiveArea, GrowsAndShrinks) {
  LiveArea area;
  area.draw({}, {"a"}, kSize);
  EXPECT_EQ(area.draw({}, {"a", "b"}, kSize), "\x1b[1A\r\x1b[1Bb\x1b[K\n\x1b[J");
  EXPECT_EQ(area.draw({}, {"a"}, kSize), "\x1b[2A\r\x1b[1B\x1b[J");
  EXPECT_EQ(area.draw({}, {}, kSize), "\x1b[1A\r\x1b[J");
}

TEST(LiveArea, PrintsAboveOnce) {
  LiveArea area;
  EXPECT_EQ(area.draw({"one"}, {"a", "b"}, kSize), "\x1b[Jone\na\nb\n");
  EXPECT_EQ(area.draw({"two"}, {"a", "b"}, kSize), "\x1b[2A\r\x1b[Jtwo\na\nb\n");
  EXPECT_EQ(area.draw({"end"}, {}, kSize), "\x1b[2A\r\x1b[Jend\n");
}

TEST(LiveArea, PaintsAllAnewAfterAResize) {
  LiveArea area;
  area.draw({"1", "2", std::string(70, '3')}, {"a"}, kSize);
  EXPECT_EQ(area.draw({}, {"a"}, {40, 5}), "\x1b[H\x1b[2J2\n" + std::string(70, '3') + "\na\n");
}

}  // namespace
}  // namespace ktl::cli
