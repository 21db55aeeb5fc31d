#include "core/bridge/frame.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstring>

namespace ktl::bridge {
namespace {

// One frame as bytes.
std::string encoded(Kind kind, uint64_t id, const json::object& head, std::string_view body,
                    size_t fds = 0, bool secret = false) {
  std::string text = json::serialize(head);
  auto header = header_of({kind, secret, id, head, body, std::vector<int>(fds)}, text.size());
  EXPECT_TRUE(header.ok());
  return std::string(header->data(), header->size()) + text + std::string(body);
}

void feed(FrameDecoder& decoder, std::string_view bytes) {
  std::memcpy(decoder.space(bytes.size()), bytes.data(), bytes.size());
  decoder.arrived(bytes.size());
}

Status refusal(const std::string& bytes) {
  FrameDecoder decoder;
  feed(decoder, bytes);
  auto frame = decoder.next();
  return frame.status();
}

TEST(Frame, SurvivesTheWayInPiecesOfAnySize) {
  const std::string bytes = encoded(Kind::kCall, 7, {{"method", "x"}}, "body", 0, true) +
                            encoded(Kind::kAnswer, 8, {}, std::string(100'000, 'b'));
  for (size_t step : {size_t{1}, size_t{23}, size_t{24}, size_t{4096}, bytes.size()}) {
    FrameDecoder decoder;
    std::vector<Frame> frames;
    for (size_t at = 0; at < bytes.size(); at += step) {
      feed(decoder, std::string_view(bytes).substr(at, step));
      for (;;) {
        auto frame = decoder.next();
        ASSERT_TRUE(frame.ok()) << frame.status().to_string();
        if (!frame->has_value()) {
          break;
        }
        frames.push_back(*std::move(*frame));
      }
    }
    ASSERT_EQ(frames.size(), 2U) << step;
    EXPECT_EQ(frames[0].kind, Kind::kCall);
    EXPECT_EQ(frames[0].id, 7U);
    EXPECT_TRUE(frames[0].secret);
    EXPECT_EQ(text_of(frames[0].head, "method"), "x");
    EXPECT_EQ(frames[0].text(), "body");
    EXPECT_EQ(frames[1].body.size(), 100'000U);
    EXPECT_FALSE(frames[1].secret);
    EXPECT_FALSE(decoder.inside());
  }
}

TEST(Frame, DescriptorsGoToTheFrameThatAnnouncedThem) {
  FrameDecoder decoder;
  feed(decoder, encoded(Kind::kNotice, 0, {}, "") + encoded(Kind::kCall, 1, {}, "", 1));
  std::vector<UniqueFd> fds;
  fds.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = fds[0].get();
  ASSERT_TRUE(decoder.arrived(std::move(fds)).ok());
  EXPECT_TRUE((*decoder.next())->fds.empty());
  auto second = decoder.next();
  ASSERT_TRUE(second.ok() && second->has_value());
  ASSERT_EQ((*second)->fds.size(), 1U);
  EXPECT_EQ((*second)->fds[0].get(), number);
}

TEST(Frame, LiesAreRefused) {
  const std::string good = encoded(Kind::kCall, 1, {}, "b");
  auto changed = [&](size_t at, char value) {
    std::string bytes = good;
    bytes[at] = value;
    return refusal(bytes).code();
  };
  EXPECT_TRUE(refusal(good).ok());
  EXPECT_EQ(changed(0, 'X'), Code::kDataLoss);   // not ours
  EXPECT_EQ(changed(3, 2), Code::kDataLoss);     // another revision
  EXPECT_EQ(changed(4, 0), Code::kDataLoss);     // no kind
  EXPECT_EQ(changed(4, 4), Code::kDataLoss);     // no kind
  EXPECT_EQ(changed(5, 2), Code::kDataLoss);     // no flag
  EXPECT_EQ(changed(6, 1), Code::kDataLoss);     // a descriptor that did not come
  EXPECT_EQ(changed(6, 9), Code::kDataLoss);     // too many
  EXPECT_EQ(changed(19, 1), Code::kDataLoss);    // a head of 16 MiB
  EXPECT_EQ(changed(23, 64), Code::kDataLoss);   // a body of 1 GiB
  EXPECT_EQ(changed(24, '['), Code::kDataLoss);  // a head that is no object
}

TEST(Frame, AnAnnouncementAloneTakesNoMemory) {
  std::string bytes = encoded(Kind::kCall, 1, {}, "");
  bytes[22] = static_cast<char>(0xFF);  // 16 MiB
  bytes[23] = 2;                        // 48 MiB
  FrameDecoder decoder;
  feed(decoder, bytes);
  auto frame = decoder.next();
  ASSERT_TRUE(frame.ok());
  EXPECT_FALSE(frame->has_value());
  EXPECT_TRUE(decoder.inside());
}

TEST(Frame, TooManyStrayDescriptorsEndIt) {
  FrameDecoder decoder;
  Status status;
  for (size_t i = 0; i <= 2 * Frame::kMaxFds && status.ok(); ++i) {
    std::vector<UniqueFd> one;
    one.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    status = decoder.arrived(std::move(one));
  }
  EXPECT_EQ(status.code(), Code::kDataLoss);
}

TEST(Frame, WhatIsTooLargeIsNotSent) {
  const std::string body(Frame::kMaxBody + 1, 'x');
  const json::object head;
  EXPECT_EQ(header_of({Kind::kCall, false, 1, head, body, {}}, 2).status().code(),
            Code::kResourceExhausted);
}

}  // namespace
}  // namespace ktl::bridge
