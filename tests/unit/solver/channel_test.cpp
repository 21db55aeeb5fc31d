#include "transport/channel.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/base64.h"
#include "solver/http2_server.h"
#include "transport/socket_carrier.h"

namespace ktl::solver {
namespace {

using testing::framed;
using testing::Http2Server;

const Http2Server::Fields kOk{{"grpc-status", "0"}};

class ChannelTest : public ::testing::Test {
 protected:
  ChannelTest() { ::signal(SIGPIPE, SIG_IGN); }

  void serve(Http2Server::Handler handler) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    server_ = std::make_unique<Http2Server>(UniqueFd(ends[0]), std::move(handler));
    channel_ = std::make_unique<Channel>(std::make_unique<SocketCarrier>(UniqueFd(ends[1])), "it");
  }
  std::unique_ptr<RemoteCall> start(std::string message = "hello") {
    CallSetup setup;
    setup.path = "/a.B/C";
    setup.message = std::move(message);
    return channel_->start(std::move(setup));
  }
  CallEnd end_of(RemoteCall& call) {
    Result<CallEnd> end = call.wait(20'000);
    EXPECT_TRUE(end.ok());
    return end.ok() ? *end : CallEnd();
  }
  // Reads messages until the end, waiting for each.
  std::vector<std::string> read_all(RemoteCall& call) {
    std::vector<std::string> all;
    for (bool ended = false; !ended;) {
      ended = call.end().has_value();
      while (auto message = call.read()) {
        all.push_back(*std::move(message));
      }
    }
    return all;
  }

  std::unique_ptr<Http2Server> server_;  // goes last: the channel is the client
  std::unique_ptr<Channel> channel_;
};

TEST_F(ChannelTest, BringsMessagesAndTheStatus) {
  serve([](Http2Server& server, int32_t id) {
    server.respond(id, framed("one") + framed("") + framed("three"), kOk);
  });
  const auto call = start();
  EXPECT_TRUE(end_of(*call).status.ok());
  EXPECT_EQ(read_all(*call), (std::vector<std::string>{"one", "", "three"}));
  EXPECT_EQ(server_->received, 5U + 5U);
}

TEST_F(ChannelTest, SendsMoreThanTheBuildersWindow) {
  serve([](Http2Server& server, int32_t id) {
    if (server.received > 0) {
      server.respond(id, "", kOk);
    }
  });
  const auto call = start(std::string(10U << 20U, 'x'));
  const int64_t limit = ::time(nullptr) + 20;
  while (server_->received < (10U << 20U) + 5 && ::time(nullptr) < limit) {
    ::usleep(1000);
  }
  EXPECT_EQ(server_->received, (10U << 20U) + 5);
}

TEST_F(ChannelTest, TakesAMessageOfSixteenMebibytesAndNoMore) {
  serve([](Http2Server& server, int32_t id) {
    server.respond(id, framed(std::string(kMaxMessage + (id == 1 ? 0 : 1), 'x')), kOk);
  });
  const auto full = start();
  EXPECT_TRUE(end_of(*full).status.ok());
  EXPECT_EQ(full->read()->size(), kMaxMessage);
  const auto more = start();
  EXPECT_EQ(end_of(*more).status.code(), Code::kResourceExhausted);
}

TEST_F(ChannelTest, WhatNobodyReadsStopsTheBuilder) {
  std::string body;
  for (int i = 0; i < 10; ++i) {
    body += framed(std::string(1U << 20U, 'x'));
  }
  serve([&](Http2Server& server, int32_t id) { server.respond(id, body, kOk); });
  const auto call = start();
  EXPECT_EQ(call->wait(300).status().code(), Code::kDeadlineExceeded);
  EXPECT_LE(server_->sent, 5U << 20U);
  EXPECT_EQ(read_all(*call).size(), 10U);
  EXPECT_TRUE(end_of(*call).status.ok());
}

TEST_F(ChannelTest, AFailureCarriesItsWordsAndDetails) {
  const std::string details(40'000, '\x7f');
  serve([&](Http2Server& server, int32_t id) {
    std::string text = base64_encode(details);
    text.erase(text.find_last_not_of('=') + 1);
    server.respond_at_once(id, {{":status", "200"},
                                {"grpc-status", "2"},
                                {"grpc-message", "50%25 of a+b%0A"},
                                {"grpc-status-details-bin", text}});
  });
  const auto call = start();
  const CallEnd end = end_of(*call);
  EXPECT_EQ(end.status.code(), Code::kUnknown);
  EXPECT_EQ(end.status.message(), "50% of a+b\n");
  EXPECT_EQ(end.details, details);
  EXPECT_FALSE(end.lost || end.reset);
}

TEST_F(ChannelTest, TooMuchMetadataEndsTheCallAlone) {
  serve([](Http2Server& server, int32_t id) {
    Http2Server::Fields fields{{":status", "200"}, {"grpc-status", "0"}};
    for (int i = 0; i < 4 && id == 1; ++i) {
      fields.emplace_back("x" + std::to_string(i), std::string(40'000, 'x'));
    }
    server.respond_at_once(id, fields);
  });
  const auto call = start();
  EXPECT_EQ(end_of(*call).status.code(), Code::kResourceExhausted);
  const auto second = start();
  EXPECT_TRUE(end_of(*second).status.ok());
}

TEST_F(ChannelTest, ABrokenOffCallIsNoStatus) {
  serve([](Http2Server& server, int32_t id) {
    server.reset(id, id == 1 ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_REFUSED_STREAM);
  });
  const auto call = start();
  const CallEnd end = end_of(*call);
  EXPECT_TRUE(end.reset);
  EXPECT_EQ(end.status.code(), Code::kInternal);
  const auto second = start();
  EXPECT_EQ(end_of(*second).status.code(), Code::kUnavailable);
}

TEST_F(ChannelTest, AnotherHttpStatusIsNoBuilder) {
  serve([](Http2Server& server, int32_t id) { server.respond_at_once(id, {{":status", "404"}}); });
  const auto call = start();
  const CallEnd end = end_of(*call);
  EXPECT_EQ(end.status.code(), Code::kUnavailable);
  EXPECT_NE(end.status.message().find("404"), std::string::npos);
}

TEST_F(ChannelTest, AGoodbyeEndsTheCallsItDoesNotServe) {
  serve([](Http2Server& server, int32_t) { server.say_goodbye(0, "too_many_pings"); });
  const auto call = start();
  EXPECT_EQ(end_of(*call).status.code(), Code::kUnavailable);
  const auto later = start();
  const CallEnd end = end_of(*later);
  EXPECT_EQ(end.status.code(), Code::kUnavailable);
  EXPECT_TRUE(end.lost);
}

TEST_F(ChannelTest, PingsAreAnsweredWhileACallWaits) {
  serve([](Http2Server& server, int32_t id) {
    id == 1 ? server.ping() : server.respond(id, "", kOk);
  });
  const auto waiting = start();
  for (int i = 0; i < 200 && server_->pongs == 0; ++i) {
    ::usleep(10'000);
  }
  EXPECT_EQ(server_->pongs, 1);
  const auto other = start();
  EXPECT_TRUE(end_of(*other).status.ok());
  EXPECT_FALSE(waiting->end().has_value());
}

TEST_F(ChannelTest, ADeathInMidstreamIsLost) {
  serve([](Http2Server& server, int32_t id) {
    server.respond(id, framed(std::string(1000, 'x')) + std::string(3, '\0'), {});
    server.drop();
  });
  const auto call = start();
  const CallEnd end = end_of(*call);
  EXPECT_TRUE(end.lost);
  EXPECT_EQ(end.status.code(), Code::kUnavailable);
}

TEST_F(ChannelTest, CancellingTellsTheBuilder) {
  serve([](Http2Server&, int32_t) {});
  const auto call = start();
  EXPECT_EQ(call->wait(100).status().code(), Code::kDeadlineExceeded);
  call->cancel();
  EXPECT_EQ(end_of(*call).status.code(), Code::kCancelled);
  for (int i = 0; i < 200 && server_->cancels == 0; ++i) {
    ::usleep(10'000);
  }
  EXPECT_EQ(server_->cancels, 1);
}

TEST_F(ChannelTest, AnAnswerInHttp1IsSaid) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  const UniqueFd other(ends[0]);
  channel_ = std::make_unique<Channel>(std::make_unique<SocketCarrier>(UniqueFd(ends[1])), "it");
  const auto call = start();
  ASSERT_TRUE(write_all(other.get(), "HTTP/1.1 400 Bad Request\r\n\r\n").ok());
  const CallEnd end = end_of(*call);
  EXPECT_TRUE(end.lost);
  EXPECT_EQ(end.status.code(), Code::kUnimplemented);
}

// Sends `count` messages, counts what comes back.
class Counting final : public Duplex {
 public:
  explicit Counting(int count) : left_(count) {}
  std::optional<std::string> pull() override {
    return left_-- > 0 ? std::optional(std::string(100'000, 'y')) : std::nullopt;
  }
  Status push(std::string message) override {
    came += message.size();
    return came > 3000 ? Status(Code::kAborted, "enough") : Status();
  }
  void ended() override { over = true; }

  std::atomic<size_t> came = 0;
  std::atomic<bool> over = false;

 private:
  int left_;
};

TEST_F(ChannelTest, ADuplexTalksBothWaysAndMayEndIt) {
  serve([](Http2Server& server, int32_t id) {
    std::string body;
    for (int i = 0; i < 4; ++i) {
      body += framed(std::string(1000, 'x'));
    }
    server.respond(id, body, kOk);
  });
  Counting duplex(1);
  CallSetup setup;
  setup.path = "/a.B/Both";
  setup.duplex = &duplex;
  const auto call = channel_->start(std::move(setup));
  EXPECT_FALSE(end_of(*call).lost);
  for (int i = 0; i < 200 && !duplex.over; ++i) {
    ::usleep(10'000);
  }
  EXPECT_TRUE(duplex.over);
  EXPECT_EQ(duplex.came % 1000, 0U);
}

TEST_F(ChannelTest, AfterCloseNoCallbackRuns) {
  serve([](Http2Server& server, int32_t id) {
    std::string body;
    for (int i = 0; i < 1000; ++i) {
      body += framed("x");
    }
    server.respond(id, body, {});
  });
  for (int i = 0; i < 50; ++i) {
    bool closed = false;
    std::atomic<int> late = 0;
    CallSetup setup;
    setup.path = "/a.B/C";
    setup.changed = [&] { late += closed; };
    auto call = channel_->start(std::move(setup));
    ::usleep(100);
    call.reset();
    closed = true;
    EXPECT_EQ(late, 0);
  }
}

TEST(Connect, NobodyThereIsUnavailable) {
  EXPECT_EQ(connect_unix("/tmp/ktl-no-such-builder.sock").status().code(), Code::kUnavailable);
  EXPECT_EQ(connect_unix(std::string(108, 'x')).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(connect_tcp("127.0.0.1", 1, [] { return false; }).status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace ktl::solver
