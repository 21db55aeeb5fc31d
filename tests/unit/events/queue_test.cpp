#include "core/events/queue.h"

#include <gmock/gmock.h>

#include <thread>

namespace ktl {
namespace {

EventPtr numbered(uint64_t seq, std::string type = "log/1") {
  return std::make_shared<const Event>(Event{seq, 1, "b", std::move(type), {}});
}

std::vector<std::string> names(const std::vector<EventPtr>& batch) {
  std::vector<std::string> out;
  for (const auto& event : batch) {
    out.push_back(std::to_string(event->seq) + " " + event->type);
  }
  return out;
}

using ::testing::ElementsAre;

TEST(Queue, LosesTheNewestBulkAndSaysHowMany) {
  Queue queue({4, 1U << 20U}, std::nullopt);
  for (uint64_t seq = 1; seq <= 7; ++seq) {
    queue.push(numbered(seq), 10);
  }
  queue.push(numbered(8, "build.completed/1"), 10);  // has a place kept for it
  std::vector<EventPtr> batch;
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("1 log/1", "2 log/1", "3 log/1", "4 log/1",
                                        "8 build.completed/1", "7 events.lost/1"));
  EXPECT_EQ(int_of(batch.back()->body, "count"), 3);
  queue.push(numbered(9), 10);
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("9 log/1"));
}

TEST(Queue, CountsBytesToo) {
  Queue queue({100, 1000}, std::nullopt);
  queue.push(numbered(1), 900);
  queue.push(numbered(2), 200);
  std::vector<EventPtr> batch;
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("1 log/1", "2 events.lost/1"));
}

TEST(Queue, SpillsInsteadOfLosingAndKeepsTheOrder) {
  Queue queue({2, 1U << 20U}, ::testing::TempDir());
  for (uint64_t seq = 1; seq <= 5; ++seq) {
    queue.push(numbered(seq), 10);
  }
  std::vector<EventPtr> batch;
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("1 log/1", "2 log/1"));
  queue.push(numbered(6), 10);  // memory has room again, but the file comes first
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("3 log/1", "4 log/1", "5 log/1", "6 log/1"));
  queue.push(numbered(7), 10);
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("7 log/1"));
}

TEST(Queue, AnnouncesWhatEvenTheDiskDidNotTake) {
  Queue queue({1, 1U << 20U}, "/nonexistent");
  queue.push(numbered(1), 10);
  queue.push(numbered(2), 10);
  std::vector<EventPtr> batch;
  ASSERT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("1 log/1", "2 events.lost/1"));
}

TEST(Queue, EndsWhenClosedAndEmpty) {
  Queue queue({}, std::nullopt);
  queue.push(numbered(1), 10);
  queue.close();
  queue.push(numbered(2), 10);
  std::vector<EventPtr> batch;
  EXPECT_TRUE(queue.take(batch));
  EXPECT_THAT(names(batch), ElementsAre("1 log/1"));
  EXPECT_FALSE(queue.take(batch));
}

TEST(Queue, CloseWakesTheReader) {
  Queue queue({}, std::nullopt);
  std::thread reader([&] {
    std::vector<EventPtr> batch;
    EXPECT_FALSE(queue.take(batch));
  });
  queue.close();
  reader.join();
}

}  // namespace
}  // namespace ktl
