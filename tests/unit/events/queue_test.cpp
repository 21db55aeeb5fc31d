#include "core/events/queue.h"

#include <gmock/gmock.h>

#include <thread>

namespace ktl {
namespace {

EventPtr numbered(uint64_t seq, std::string type = "log/1") {
  return std::make_shared<const Event>(Event{seq, 1, "b", std::move(type), {}});
}

void push(Queue& queue, std::vector<EventPtr> events) {
  size_t weight = 0;
  for (const EventPtr& event : events) {
    weight += weight_of(*event);
  }
  queue.push(std::make_shared<const Batch>(Batch{std::move(events), weight}));
}

// What the reader takes next; "end" when the queue has ended.
std::vector<std::string> taken(Queue& queue, const std::function<void()>& starved = [] {}) {
  std::vector<BatchPtr> batches;
  if (!queue.take(batches, starved)) {
    return {"end"};
  }
  std::vector<std::string> out;
  for (const BatchPtr& batch : batches) {
    for (const EventPtr& event : batch->events) {
      out.push_back(std::to_string(event->seq) + " " + event->type);
    }
  }
  return out;
}

using ::testing::ElementsAre;

TEST(Queue, LosesTheNewestBulkAndSaysHowMany) {
  Queue queue({4, 1U << 20U}, std::nullopt);
  push(queue, {numbered(1), numbered(2), numbered(3)});
  push(queue, {numbered(4), numbered(5), numbered(6)});
  push(queue, {numbered(7), numbered(8, "build.completed/1")});  // has a place kept for it
  EXPECT_THAT(taken(queue), ElementsAre("1 log/1", "2 log/1", "3 log/1", "4 log/1",
                                        "8 build.completed/1", "7 events.lost/1"));
  push(queue, {numbered(9)});
  EXPECT_THAT(taken(queue), ElementsAre("9 log/1"));
}

TEST(Queue, SaysHowManyEvenWhenNothingElseCame) {
  Queue queue({0, 1U << 20U}, std::nullopt);
  push(queue, {numbered(1), numbered(2)});
  std::vector<BatchPtr> batches;
  ASSERT_TRUE(queue.take(batches, [] {}));
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0]->events[0]->type, "events.lost/1");
  EXPECT_EQ(int_of(batches[0]->events[0]->body, "count"), 2);
}

TEST(Queue, CountsBytesToo) {
  const size_t weight = weight_of(*numbered(1));
  Queue queue({100, 2 * weight + 1}, std::nullopt);
  push(queue, {numbered(1), numbered(2), numbered(3)});
  EXPECT_THAT(taken(queue), ElementsAre("1 log/1", "2 log/1", "3 events.lost/1"));
}

TEST(Queue, SpillsInsteadOfLosingAndKeepsTheOrder) {
  Queue queue({2, 1U << 20U}, ::testing::TempDir());
  push(queue, {numbered(1), numbered(2)});
  push(queue, {numbered(3), numbered(4)});
  push(queue, {numbered(5)});
  EXPECT_THAT(taken(queue), ElementsAre("1 log/1", "2 log/1"));
  push(queue, {numbered(6)});  // memory has room again, but the file comes first
  EXPECT_THAT(taken(queue), ElementsAre("3 log/1", "4 log/1", "5 log/1", "6 log/1"));
  push(queue, {numbered(7)});
  EXPECT_THAT(taken(queue), ElementsAre("7 log/1"));
}

TEST(Queue, AnnouncesWhatEvenTheDiskDidNotTake) {
  Queue queue({1, 1U << 20U}, "/nonexistent");
  push(queue, {numbered(1)});
  push(queue, {numbered(2)});
  EXPECT_THAT(taken(queue), ElementsAre("1 log/1", "2 events.lost/1"));
}

TEST(Queue, AsksForMoreBeforeItWaits) {
  Queue queue({}, std::nullopt);
  int asked = 0;
  EXPECT_THAT(taken(queue, [&] { push(queue, {numbered(++asked + 1ULL)}); }),
              ElementsAre("2 log/1"));
  EXPECT_EQ(asked, 1);
}

TEST(Queue, EndsWhenClosedAndEmpty) {
  Queue queue({}, std::nullopt);
  push(queue, {numbered(1)});
  queue.close();
  push(queue, {numbered(2)});
  EXPECT_THAT(taken(queue), ElementsAre("1 log/1"));
  EXPECT_THAT(taken(queue), ElementsAre("end"));
}

TEST(Queue, CloseWakesTheReader) {
  Queue queue({}, std::nullopt);
  std::thread reader([&] { EXPECT_THAT(taken(queue), ElementsAre("end")); });
  queue.close();
  reader.join();
}

}  // namespace
}  // namespace ktl
