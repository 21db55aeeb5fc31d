#include "core/pipeline/event_readers.h"

#include <gmock/gmock.h>
#include <poll.h>

#include <atomic>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::HasSubstr;

class EventReadersTest : public ::testing::Test {
 protected:
  void publish(int count, const std::string& type = "receipt/1") {
    for (int i = 0; i < count; ++i) {
      bus_.publish(type, {{"n", i}});
    }
  }
  void collect(testing::FakePlugin& plugin) {
    plugin.on("on_events", [this](const json::value& batch, const CallContext&) {
      sizes_.push_back(batch.as_array().size());
      for (const json::value& event : batch.as_array()) {
        seen_.push_back(event.at("seq").as_int64());
      }
      return Result<json::value>(nullptr);
    });
  }

  Bus bus_{"b"};
  std::vector<std::string> calls_;
  testing::FakePlugin one_{"one", calls_};
  std::vector<size_t> sizes_;
  std::vector<int64_t> seen_;
};

TEST_F(EventReadersTest, AllOfThemInOrderInBoundedBatches) {
  collect(one_);
  {
    const EventReaders readers(bus_, {&one_});
    publish(5000);
  }
  ASSERT_EQ(seen_.size(), 5000U);
  for (size_t i = 0; i < seen_.size(); ++i) {
    ASSERT_EQ(seen_[i], static_cast<int64_t>(i) + 1);
  }
  for (size_t size : sizes_) {
    EXPECT_TRUE(size >= 1 && size <= EventReaders::kMaxEvents);
  }
}

TEST_F(EventReadersTest, AFailureIsToldOnceAndEndsIt) {
  std::vector<std::string> told;
  bus_.subscribe({"ears", [&](std::span<const EventPtr> batch) {
                    for (const EventPtr& event : batch) {
                      told.push_back(std::string(text_of(event->body, "text")));
                    }
                  }});
  std::atomic<bool> called = false;
  one_.on("on_events", [&](const json::value&, const CallContext&) {
    called = true;
    return Result<json::value>(Status(Code::kInternal, "broke"));
  });
  {
    const EventReaders readers(bus_, {&one_});
    publish(1);
    while (!called) {
      ::poll(nullptr, 0, 1);
    }
    publish(3000);
  }
  bus_.finish(std::chrono::seconds(10));
  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_EQ(std::ranges::count_if(told,
                                  [](const std::string& text) {
                                    return text.find("gets no more events of this build") !=
                                           std::string::npos;
                                  }),
            1);
}

// A plugin that does not come back holds up neither the publisher nor, for ever, the end.
TEST_F(EventReadersTest, ASlowOneIsStoppedAtTheEnd) {
  one_.on("on_events", [](const json::value&, const CallContext& context) {
    pollfd stop{context.cancel->fd(), POLLIN, 0};
    ::poll(&stop, 1, -1);
    return Result<json::value>(Status(Code::kCancelled, "stopped"));
  });
  std::string told;
  bus_.subscribe({"ears", [&](std::span<const EventPtr> batch) {
                    for (const EventPtr& event : batch) {
                      told += text_of(event->body, "text");
                    }
                  }});
  const auto begun = std::chrono::steady_clock::now();
  {
    const EventReaders readers(bus_, {&one_});
    publish(100'000);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, EventReaders::kLastWords);
  }
  bus_.finish(std::chrono::seconds(10));
  EXPECT_EQ(calls_.size(), 1U);
  EXPECT_THAT(told, HasSubstr("had not taken all events 5 s after the end"));
}

// What a plugin says about events is an event: it must not go on for ever.
TEST_F(EventReadersTest, OneThatHearsItselfComesToAnEnd) {
  one_.on("on_events", [this](const json::value&, const CallContext&) {
    publish(1);
    return Result<json::value>(nullptr);
  });
  const EventReaders readers(bus_, {&one_});
  publish(1);
}

}  // namespace
}  // namespace ktl
