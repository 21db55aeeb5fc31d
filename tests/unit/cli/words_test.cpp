#include "cli/render/words.h"

#include <gtest/gtest.h>

#include "cli/events.h"

namespace ktl::cli {
namespace {

TEST(Words, BytesArePowersOfTen) {
  EXPECT_EQ(bytes(0), "0B");
  EXPECT_EQ(bytes(999), "999B");
  EXPECT_EQ(bytes(1500), "1.5kB");
  EXPECT_EQ(bytes(999'999), "1.0MB");
  EXPECT_EQ(bytes(12'300'000'000'000), "12.3TB");
  EXPECT_EQ(bytes(9'000'000'000'000'000), "9000.0TB");
}

TEST(Words, SecondsAreNeverNegative) {
  EXPECT_EQ(seconds(1'234'000'000), "1.2s");
  EXPECT_EQ(seconds(-5), "0.0s");
}

TEST(Words, SaysWhatEventsMean) {
  EXPECT_EQ(sentence(message("info", "starting\x1b[2J the builder")), "starting the builder");
  EXPECT_EQ(sentence(event("finding/1", R"({"rule":"r","severity":"block","message":"m",
                                            "location":"Dockerfile:3","fix":"f"})")),
            "block: r: m (Dockerfile:3); f");
  EXPECT_EQ(sentence(event("warning/1", R"({"short":"old","source":{"file":"D","start_line":2}})")),
            "warning: D:2: old");
  EXPECT_EQ(sentence(event("stage.started/1", R"({"stage":"solve"})")), "");
}

}  // namespace
}  // namespace ktl::cli
