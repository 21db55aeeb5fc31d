#include "core/events/spill.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// One event, as append() takes them.
std::vector<EventPtr> numbered(uint64_t seq) {
  return {std::make_shared<const Event>(
      Event{seq, 1, "b", "log/1", {{"text", std::string(1000, 'x')}}})};
}

TEST(Spill, GivesBackWhatItTookInOrder) {
  Spill spill(std::filesystem::path(::testing::TempDir()));
  EXPECT_TRUE(spill.empty());
  constexpr uint64_t kEvents = 1000;  // several chunks
  for (uint64_t seq = 1; seq <= kEvents; ++seq) {
    ASSERT_TRUE(spill.append(numbered(seq)).ok());
  }
  uint64_t next = 1;
  int chunks = 0;
  while (!spill.empty()) {
    auto events = spill.read(spill.claim());
    ASSERT_TRUE(events.ok()) << events.status().to_string();
    for (const auto& event : *events) {
      EXPECT_EQ(event->seq, next++);
    }
    spill.release();
    ++chunks;
  }
  EXPECT_EQ(next, kEvents + 1);
  EXPECT_GT(chunks, 1);
}

TEST(Spill, StartsOverWhenItHasBeenEmptied) {
  Spill spill(std::filesystem::path(::testing::TempDir()));
  ASSERT_TRUE(spill.append(numbered(1)).ok());
  spill.claim();
  spill.release();
  ASSERT_TRUE(spill.append(numbered(2)).ok());
  Spill::Chunk chunk = spill.claim();
  EXPECT_EQ(chunk.from, 0);
  EXPECT_EQ(chunk.events, 1U);
}

TEST(Spill, IsNotEmptyWhileAChunkIsBeingRead) {
  Spill spill(std::filesystem::path(::testing::TempDir()));
  ASSERT_TRUE(spill.append(numbered(1)).ok());
  spill.claim();
  EXPECT_FALSE(spill.empty());
  spill.release();
  EXPECT_TRUE(spill.empty());
}

TEST(Spill, LeavesNoFileBehind) {
  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "spill_folder";
  std::filesystem::create_directories(folder);
  Spill spill(folder);
  ASSERT_TRUE(spill.append(numbered(1)).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(Spill, SaysWhenItCannot) {
  Spill spill("/nonexistent");
  Status status = spill.append(numbered(1));
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("/nonexistent"));
  EXPECT_TRUE(spill.empty());
}

}  // namespace
}  // namespace ktl
