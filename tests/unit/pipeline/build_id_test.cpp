#include "core/pipeline/build_id.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

struct FixedClock : Clock {
  [[nodiscard]] int64_t monotonic_ns() const override { return 0; }
  [[nodiscard]] int64_t unix_ns() const override { return 1'000'000'000; }
};

TEST(BuildId, SortsByTimeAndIsNew) {
  FixedClock clock;
  std::string id = new_build_id(clock);
  EXPECT_THAT(id, ::testing::MatchesRegex("19700101T000001Z-[0-9a-f]{8}"));
  EXPECT_NE(id, new_build_id(clock));
}

}  // namespace
}  // namespace ktl
