#include "core/events/bus.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

// Keeps what it was given, and can be told to stop reading for a while.
struct Listener {
  std::vector<EventPtr> seen;  // to be read after finish()
  std::shared_future<void> gate;

  Subscription subscription(std::string name) {
    return {std::move(name), [this](std::span<const EventPtr> batch) {
              if (gate.valid()) {
                gate.wait();
              }
              seen.insert(seen.end(), batch.begin(), batch.end());
            }};
  }
};

TEST(Bus, EverySubscriberSeesOneOrderWithoutHoles) {
  Listener a;
  Listener b;
  constexpr int kThreads = 4;
  constexpr int kEach = 2000;
  Bus bus("build");
  bus.subscribe(a.subscription("a"));
  bus.subscribe(b.subscription("b"));
  std::vector<std::thread> publishers;
  for (int t = 0; t < kThreads; ++t) {
    publishers.emplace_back([&bus, t] {
      for (int i = 0; i < kEach; ++i) {
        bus.publish("log/1", {{"thread", t}, {"i", i}});
      }
    });
  }
  for (auto& publisher : publishers) {
    publisher.join();
  }
  EXPECT_THAT(bus.finish(10s), IsEmpty());
  ASSERT_EQ(a.seen.size(), kThreads * kEach);
  EXPECT_EQ(a.seen, b.seen);
  std::vector<int64_t> next(kThreads, 0);
  for (size_t i = 0; i < a.seen.size(); ++i) {
    EXPECT_EQ(a.seen[i]->seq, i + 1);
    EXPECT_EQ(int_of(a.seen[i]->body, "i"),
              next[static_cast<size_t>(int_of(a.seen[i]->body, "thread"))]++);
  }
  EXPECT_EQ(a.seen[0]->build, "build");
  EXPECT_GT(a.seen[0]->time_ns, 0);
}

TEST(Bus, ASlowSubscriberLosesWhileOthersAndTheCapturedStreamDoNot) {
  std::promise<void> open;
  Listener quick;
  Listener slow;
  Listener capture;
  slow.gate = capture.gate = open.get_future().share();
  Subscription few = slow.subscription("slow");
  few.limits.events = 8;
  Subscription lossless = capture.subscription("capture");
  lossless.limits.events = 8;
  lossless.spill_folder = ::testing::TempDir();
  constexpr size_t kEvents = 3000;
  Bus bus("build");
  bus.subscribe(quick.subscription("quick"));
  bus.subscribe(std::move(few));
  bus.subscribe(std::move(lossless));
  for (size_t i = 0; i < kEvents; ++i) {
    bus.publish("log/1", {{"text", "y\n"}});  // returns although two of three do not read
  }
  open.set_value();
  EXPECT_THAT(bus.finish(20s), IsEmpty());
  EXPECT_EQ(quick.seen.size(), kEvents);
  ASSERT_EQ(capture.seen.size(), kEvents);
  for (size_t i = 0; i < kEvents; ++i) {
    EXPECT_EQ(capture.seen[i]->seq, i + 1);
  }
  int64_t lost = 0;
  size_t kept = 0;
  for (const auto& event : slow.seen) {
    lost += event->type == "events.lost/1" ? int_of(event->body, "count") : 0;
    kept += event->type == "log/1" ? 1 : 0;
  }
  EXPECT_GT(lost, 0);
  EXPECT_EQ(kept + static_cast<size_t>(lost), kEvents);
}

TEST(Bus, ShowsNobodyASecret) {
  Listener listener;
  auto values = std::make_shared<redact::Values>();
  Bus bus("build", values);
  bus.subscribe(listener.subscription("l"));
  bus.publish("message/1", {{"text", "hunter2hunter2 is no secret yet"}});
  ASSERT_TRUE(values->add("hunter2hunter2").ok());
  bus.publish("message/1", {{"text", "and now hunter2hunter2 is"}});
  bus.finish(10s);
  ASSERT_EQ(listener.seen.size(), 2U);
  EXPECT_EQ(text_of(listener.seen[0]->body, "text"), "hunter2hunter2 is no secret yet");
  EXPECT_EQ(text_of(listener.seen[1]->body, "text"), "and now *** is");
}

TEST(Bus, TellsWhatWasHeldBackBeforeTheStepEnds) {
  Listener listener;
  auto values = std::make_shared<redact::Values>();
  ASSERT_TRUE(values->add("hunter2hunter2").ok());
  Bus bus("build", values);
  bus.subscribe(listener.subscription("l"));
  auto log = [&](std::string_view vertex, std::string_view text) {
    bus.publish("log/1", {{"vertex", vertex}, {"stream", 1}, {"text", text}, {"time_ns", 7}});
  };
  log("v", "hunter2");
  log("w", "hunt");
  log("v", "hunter");  // nothing of it can be told: no event, no number
  bus.publish("vertex.completed/1", {{"vertex", "v"}});
  bus.finish(10s);
  std::string told;
  for (size_t i = 0; i < listener.seen.size(); ++i) {
    const Event& event = *listener.seen[i];
    EXPECT_EQ(event.seq, i + 1);
    told += event.type + "(" + std::string(text_of(event.body, "vertex")) + " " +
            std::string(text_of(event.body, "text")) + ") ";
  }
  EXPECT_EQ(told, "log/1(v hunter2hunter) vertex.completed/1(v ) log/1(w hunt) ");
  EXPECT_EQ(int_of(listener.seen[0]->body, "time_ns"), 7);
}

TEST(Bus, CleansWhatDoesNotGoThroughIt) {
  auto values = std::make_shared<redact::Values>();
  ASSERT_TRUE(values->add("hunter2hunter2").ok());
  EXPECT_EQ(Bus("build", values).redactor().clean_text("x hunter2hunter2"), "x ***");
}

TEST(Bus, GivesUpWhoDoesNotFinishInTime) {
  std::promise<void> open;
  auto stuck = std::make_shared<Listener>();
  stuck->gate = open.get_future().share();
  std::promise<void> left;
  auto gone = left.get_future();
  {
    Bus bus("build");
    Subscription subscription = stuck->subscription("stuck");
    subscription.sink = [stuck, &left, inner = subscription.sink](auto batch) {
      inner(batch);
      left.set_value();
    };
    bus.subscribe(std::move(subscription));
    bus.publish("message/1", {});
    EXPECT_THAT(bus.finish(20ms), ElementsAre("stuck"));
  }
  open.set_value();
  gone.wait();
  EXPECT_EQ(stuck->seen.size(), 1U);
}

TEST(Bus, WhoLeavesHasSeenWhatWasPublishedUntilThen) {
  Listener leaves;
  Listener stays;
  Bus bus("build");
  bus.subscribe(leaves.subscription("leaves"));
  bus.subscribe(stays.subscription("stays"));
  for (int i = 0; i < 500; ++i) {
    bus.publish("message/1", {});
  }
  const std::vector<std::string> names = {"leaves", "nobody"};
  EXPECT_THAT(bus.leave(names, 10s), IsEmpty());
  EXPECT_EQ(leaves.seen.size(), 500U);
  bus.publish("message/1", {});
  EXPECT_THAT(bus.finish(10s), IsEmpty());
  EXPECT_EQ(leaves.seen.size(), 500U);
  EXPECT_EQ(stays.seen.size(), 501U);
}

TEST(Bus, WhoWantsItIsGivenAllThatWaitsAtOnce) {
  std::promise<void> open;
  Listener slow;
  slow.gate = open.get_future().share();
  std::vector<size_t> sizes;
  Bus bus("build");
  Subscription subscription = slow.subscription("slow");
  subscription.at_once = true;
  subscription.sink = [&sizes, inner = subscription.sink](auto batch) {
    inner(batch);
    sizes.push_back(batch.size());
  };
  bus.subscribe(std::move(subscription));
  for (int i = 0; i < 1000; ++i) {
    bus.publish("message/1", {});
  }
  open.set_value();
  EXPECT_THAT(bus.finish(10s), IsEmpty());
  EXPECT_EQ(slow.seen.size(), 1000U);
  EXPECT_LE(sizes.size(), 3U);
}

TEST(Bus, WhoIsBusyMayLeaveLater) {
  std::promise<void> open;
  Listener slow;
  slow.gate = open.get_future().share();
  Bus bus("build");
  bus.subscribe(slow.subscription("slow"));
  bus.publish("message/1", {});
  const std::vector<std::string> names = {"slow"};
  EXPECT_THAT(bus.leave(names, 20ms), ElementsAre("slow"));
  bus.publish("message/1", {});  // it is not told of this any more
  open.set_value();
  EXPECT_THAT(bus.leave(names, 10s), IsEmpty());
  EXPECT_EQ(slow.seen.size(), 1U);
}

TEST(Bus, IsSilentAfterItsEnd) {
  Listener listener;
  Bus bus("build");
  bus.subscribe(listener.subscription("l"));
  bus.finish(10s);
  bus.publish("message/1", {});
  EXPECT_THAT(listener.seen, IsEmpty());
}

}  // namespace
}  // namespace ktl
