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

TEST(Spill, TakesMoreWhileItIsRead) {
  Spill spill(std::filesystem::path(::testing::TempDir()));
  uint64_t last = 0;
  uint64_t next = 1;
  for (const int more : {1, 70, 1, 300, 65, 0}) {  // within the buffer, beyond it, a whole chunk
    for (int i = 0; i < more; ++i) {
      ASSERT_TRUE(spill.append(numbered(++last)).ok());
    }
    const Spill::Chunk chunk = spill.claim();
    ASSERT_TRUE(spill.append(numbered(++last)).ok());
    const auto events = spill.read(chunk);
    ASSERT_TRUE(events.ok());
    EXPECT_EQ(events->size(), chunk.events);
    for (const auto& event : *events) {
      EXPECT_EQ(event->seq, next++);
    }
    spill.release();
  }
  while (!spill.empty()) {
    const auto events = spill.read(spill.claim());
    for (const auto& event : *events) {
      EXPECT_EQ(event->seq, next++);
    }
    spill.release();
  }
  EXPECT_EQ(next, last + 1);
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
