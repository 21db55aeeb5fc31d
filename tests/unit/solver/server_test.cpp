#include "session/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "solver/http2_client.h"

namespace ktl::solver {
namespace {

using testing::Answer;
using testing::Http2Client;

// Sends back every message it gets.
Status echo(Rpc& rpc) {
  while (true) {
    KTL_ASSIGN(std::optional<std::string> message, rpc.read());
    if (!message) {
      return {};
    }
    KTL_TRY(rpc.write(*message));
  }
}

TEST(SessionServer, QuickMethodAnswersOnTheReceivingThread) {
  std::thread::id where;
  testing::DirectServer server({{"/a.B/C",
                                 [&](Rpc& rpc) {
                                   where = std::this_thread::get_id();
                                   return rpc.write("pong");
                                 },
                                 true}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/C");
  client.send(call, "ping");
  client.end(call);
  const Answer& answer = client.finish(call);
  EXPECT_EQ(answer.code(), "0");
  EXPECT_EQ(answer.headers.at(":status"), "200");
  EXPECT_EQ(answer.headers.at("content-type"), "application/grpc");
  EXPECT_EQ(answer.messages(), std::vector<std::string>{"pong"});
  EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(SessionServer, EchoesManyMessagesOfManySizesInBothDirections) {
  testing::DirectServer server({{"/a.B/Echo", echo}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Echo");
  std::vector<std::string> sent;
  for (size_t size : {0, 1, 4, 16'384, 1'000'000, 9'000'000, 3}) {
    sent.emplace_back(size, static_cast<char>('a' + sent.size()));
    client.send(call, sent.back());
  }
  client.end(call);
  const Answer& answer = client.finish(call);
  EXPECT_EQ(answer.code(), "0");
  EXPECT_EQ(answer.messages(), sent);
}

TEST(SessionServer, GathersFramesIntoLargePieces) {
  std::promise<void> written;
  testing::DirectServer server({{"/a.B/Flood", [&](Rpc& rpc) {
                                   for (int i = 0; i < 2000; ++i) {
                                     KTL_TRY(rpc.write(std::string(100, 'x')));
                                   }
                                   written.set_value();
                                   return Status();
                                 }}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Flood");
  client.end(call);
  ASSERT_TRUE(client.flush().ok());
  written.get_future().wait();
  EXPECT_EQ(client.finish(call).messages().size(), 2000U);
  EXPECT_LT(client.pieces().size(), 20U);
}

TEST(SessionServer, UnknownMethodIsUnimplemented) {
  testing::DirectServer server({{"/a.B/C", echo}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Nothing");
  client.end(call);
  const Answer& answer = client.finish(call);
  EXPECT_EQ(answer.code(), "12");
  EXPECT_EQ(answer.headers.at("grpc-message"), "ktl does not serve /a.B/Nothing");
}

TEST(SessionServer, StatusMessageIsPercentEncoded) {
  testing::DirectServer server(
      {{"/a.B/C", [](Rpc&) { return Status(Code::kNotFound, "50% of \xc3\xa9\n"); }}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/C");
  const Answer& answer = client.finish(call);
  EXPECT_EQ(answer.code(), "5");
  EXPECT_EQ(answer.headers.at("grpc-message"), "50%25 of %C3%A9%0A");
}

TEST(SessionServer, HandlerThatThrowsIsInternal) {
  testing::DirectServer server(
      {{"/a.B/C", [](Rpc&) -> Status { throw std::runtime_error("boom"); }}});
  Http2Client client(server);
  const Answer& answer = client.finish(client.open("/a.B/C"));
  EXPECT_EQ(answer.code(), "13");
  EXPECT_EQ(answer.headers.at("grpc-message"), "boom");
}

TEST(SessionServer, MetadataIsInOrderAndDecoded) {
  std::vector<std::string> names;
  std::string plain;
  testing::DirectServer server({{"/a.B/C", [&](Rpc& rpc) {
                                   names = rpc.values("name");
                                   plain = rpc.value("plain");
                                   return Status();
                                 }}});
  Http2Client client(server);
  client.finish(client.open(
      "/a.B/C", {{"name", "b%C3%A9"}, {"plain", "a%41"}, {"name", "a+b"}, {"name-encoded", "1"}}));
  EXPECT_EQ(names, (std::vector<std::string>{"b\xc3\xa9", "a b"}));
  EXPECT_EQ(plain, "a%41");
}

TEST(SessionServer, MetadataAbove64KiBResetsTheStreamAlone) {
  testing::DirectServer server({{"/a.B/Echo", echo}});
  Http2Client client(server);
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 20; ++i) {
    many.emplace_back("key" + std::to_string(i), std::string(3500, 'v'));
  }
  const int32_t big = client.open("/a.B/Echo", many);
  const Answer& refused = client.finish(big);
  EXPECT_TRUE(refused.closed);
  EXPECT_EQ(refused.code(), "");
  const int32_t next = client.open("/a.B/Echo");
  client.end(next);
  EXPECT_EQ(client.finish(next).code(), "0");
}

TEST(SessionServer, MessageAbove16MiBAndCompressedOnesAreReset) {
  testing::DirectServer server({{"/a.B/Echo", echo}});
  Http2Client client(server);
  const int32_t big = client.open("/a.B/Echo");
  client.send_raw(big, std::string_view("\0\x01\x00\x00\x01", 5));
  EXPECT_EQ(client.finish(big).code(), "");
  const int32_t packed = client.open("/a.B/Echo");
  client.send_raw(packed, std::string_view("\1\0\0\0\1x", 6));
  EXPECT_EQ(client.finish(packed).code(), "");
}

TEST(SessionServer, PingIsAnsweredWhileAHandlerBlocks) {
  std::promise<void> release;
  testing::DirectServer server({{"/a.B/Wait", [&](Rpc&) {
                                   release.get_future().wait();
                                   return Status();
                                 }}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Wait");
  client.ping();
  ASSERT_TRUE(client.flush().ok());
  while (client.pongs() == 0) {
    client.fill();
  }
  release.set_value();
  client.end(call);
  EXPECT_EQ(client.finish(call).code(), "0");
}

TEST(SessionServer, WriterIsHeldBackWhenNobodyTakes) {
  std::atomic<int> written = 0;
  testing::DirectServer server({{"/a.B/Flood", [&](Rpc& rpc) {
                                   for (int i = 0; i < 64; ++i) {
                                     KTL_TRY(rpc.write(std::string(256U << 10U, 'x')));
                                     ++written;
                                   }
                                   return Status();
                                 }}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Flood");
  ASSERT_TRUE(client.flush().ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_LE(written, 6);
  client.end(call);
  EXPECT_EQ(client.finish(call).messages().size(), 64U);
}

TEST(SessionServer, ResetEndsReadAndWrite) {
  std::promise<Status> seen;
  testing::DirectServer server({{"/a.B/Read", [&](Rpc& rpc) {
                                   Status status = rpc.read().status();
                                   seen.set_value(status);
                                   EXPECT_TRUE(rpc.cancelled());
                                   EXPECT_EQ(rpc.write("late").code(), Code::kCancelled);
                                   return status;
                                 }}});
  Http2Client client(server);
  const int32_t call = client.open("/a.B/Read");
  ASSERT_TRUE(client.flush().ok());
  client.reset(call);
  ASSERT_TRUE(client.flush().ok());
  EXPECT_EQ(seen.get_future().get().code(), Code::kCancelled);
}

TEST(SessionServer, CancelReadEndsAWaitingRead) {
  testing::DirectServer server({{"/a.B/Read", [&](Rpc& rpc) {
                                   std::thread stopper([&] { rpc.cancel_read(); });
                                   auto message = rpc.read();
                                   stopper.join();
                                   return message.ok() && !*message ? Status()
                                                                    : Status(Code::kInternal, "x");
                                 }}});
  Http2Client client(server);
  EXPECT_EQ(client.finish(client.open("/a.B/Read")).code(), "0");
}

TEST(SessionServer, CloseEndsHandlersAndSending) {
  auto server = std::make_unique<testing::DirectServer>(std::vector<Method>{{"/a.B/Echo", echo}});
  Http2Client client(*server);
  client.open("/a.B/Echo");
  ASSERT_TRUE(client.flush().ok());
  std::thread taker([&] {
    while (server->take(1024)) {
    }
  });
  server->close();
  taker.join();
  EXPECT_EQ(server->receive("x").code(), Code::kCancelled);
}

TEST(SessionServer, GarbageEndsTheConnection) {
  testing::DirectServer server({{"/a.B/Echo", echo}});
  EXPECT_EQ(server.receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n").code(), Code::kInternal);
}

}  // namespace
}  // namespace ktl::solver
