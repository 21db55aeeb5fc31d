#include "core/bridge/peer.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>
#include <future>

#include <functional>
#include <thread>

#include "base/clock.h"

namespace ktl::bridge {
namespace {

// One side with its reading thread; a call is answered by `answer`, which may keep it.
class Side : public Listener {
 public:
  explicit Side(UniqueFd socket) : peer(std::move(socket), 5, *this) {}
  ~Side() override {
    peer.link().close();
    thread_.join();
  }
  void run() {
    thread_ = std::thread([this] {
      Status status;
      while (status.ok()) {
        pollfd ready{peer.link().fd(), POLLIN, 0};
        poll(&ready, 1, -1);
        status = peer.receive();
      }
      ended = status;
      peer.end(status);
    });
  }
  Status on_call(Frame call) override { return answer(std::move(call)); }
  Status on_notice(Frame notice) override {
    notices.push_back(std::string(notice.text()));
    return {};
  }

  std::function<Status(Frame)> answer = [this](Frame call) {
    return peer.answer(call.id, {{"code", 0}}, call.text());
  };
  std::vector<std::string> notices;  // the reading thread's, until it has ended
  Status ended;
  Peer peer;

 private:
  std::thread thread_;
};

class PeerTest : public testing::Test {
 protected:
  PeerTest() {
    auto pair = make_socket_pair();
    near_ = std::make_unique<Side>(std::move(pair->ours));
    far_ = std::make_unique<Side>(std::move(pair->theirs));
  }
  void run() {
    near_->run();
    far_->run();
  }
  // What the far side says by hand, as a liar would.
  Status say(Kind kind, uint64_t id, const json::object& head) {
    return far_->peer.link().send({kind, false, id, head, {}, {}});
  }

  std::unique_ptr<Side> near_;
  std::unique_ptr<Side> far_;
};

TEST_F(PeerTest, ManyThreadsAskInBothDirections) {
  run();
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      Peer& peer = t % 2 == 0 ? near_->peer : far_->peer;
      for (int i = 0; i < 100; ++i) {
        std::string body(static_cast<size_t>(i) * 97, static_cast<char>('a' + t));
        auto answer = peer.ask({{"method", "echo"}}, body);
        right += answer.ok() && answer->text() == body ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(right, 800);
}

TEST_F(PeerTest, LargeDocumentsArrive) {
  // Answering must not happen on the thread that reads when it may have to wait.
  std::promise<std::thread> answering;
  far_->answer = [&](Frame call) {
    answering.set_value(std::thread([&, frame = std::make_shared<Frame>(std::move(call))] {
      static_cast<void>(far_->peer.answer(frame->id, {{"code", 0}}, frame->text()));
    }));
    return Status();
  };
  run();
  const std::string body(8U << 20U, 'x');
  auto answer = near_->peer.ask({{"method", "echo"}}, body);
  answering.get_future().get().join();
  ASSERT_TRUE(answer.ok()) << answer.status().to_string();
  EXPECT_EQ(answer->text(), body);
}

TEST_F(PeerTest, DescriptorsComeAlong) {
  far_->answer = [this](Frame call) {
    std::string said(4, ' ');
    EXPECT_EQ(read(call.fds.at(0).get(), said.data(), 4), 4);
    UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return far_->peer.answer(call.id, {{"code", 0}}, said, {null.get()});
  };
  run();
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  ASSERT_EQ(write(write_end.get(), "pipe", 4), 4);
  auto answer = near_->peer.ask({{"method", "x"}}, {}, {read_end.get()});
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->text(), "pipe");
  ASSERT_EQ(answer->fds.size(), 1U);
  EXPECT_EQ(fcntl(answer->fds[0].get(), F_GETFD), FD_CLOEXEC);
}

TEST_F(PeerTest, FailuresAreAnswers) {
  far_->answer = [this](Frame call) {
    return far_->peer.answer(call.id, head_of(Status(Code::kNotFound, "gone").advise("look")));
  };
  run();
  auto answer = near_->peer.ask({{"method", "x"}});
  EXPECT_EQ(answer.status().code(), Code::kNotFound);
  EXPECT_EQ(answer.status().next(), "look");
}

TEST_F(PeerTest, AWaitEndsAtItsDeadlineAndWhenItIsCancelled) {
  far_->answer = [](const Frame&) { return Status(); };
  run();
  auto pending = near_->peer.start({{"method", "x"}});
  ASSERT_TRUE(pending.ok());
  const int64_t soon = system_clock().monotonic_ns() + 10'000'000;
  EXPECT_EQ((*pending)->wait(soon, nullptr), Pending::Wait::kTimeout);
  CancelToken token;
  token.cancel();
  EXPECT_EQ((*pending)->wait(INT64_MAX, &token), Pending::Wait::kCancelled);
  near_->peer.abandon(**pending);
  EXPECT_TRUE(far_->peer.answer((*pending)->id(), {{"code", 0}}).ok());
  EXPECT_TRUE(near_->peer.notify({{"method", "x"}}, "still talking").ok());
}

TEST_F(PeerTest, TheEndOfOneSideFailsWhatIsOpen) {
  far_->answer = [](const Frame&) { return Status(); };
  run();
  auto pending = near_->peer.start({{"method", "x"}});
  ASSERT_TRUE(pending.ok());
  far_->peer.link().close();
  EXPECT_EQ((*pending)->wait(INT64_MAX, nullptr), Pending::Wait::kDone);
  EXPECT_EQ((*pending)->take().status().code(), Code::kUnavailable);
  EXPECT_TRUE((*pending)->broke_off());
  EXPECT_EQ(near_->peer.ask({{"method", "x"}}).status().code(), Code::kUnavailable);
}

TEST_F(PeerTest, AnAnswerThatNobodyAskedForEndsTheConversation) {
  run();
  ASSERT_TRUE(near_->peer.ask({{"method", "x"}}).ok());
  ASSERT_TRUE(say(Kind::kAnswer, 1, {{"code", 0}}).ok());  // once more
  far_.reset();
  near_.reset();
}

TEST_F(PeerTest, LiesNameThemselves) {
  struct Lie {
    std::function<void()> tell;
    std::string what;
  };
  near_->answer = [](const Frame&) { return Status(); };
  near_->run();
  for (uint64_t id = 1; id <= Peer::kMaxCalls + 1; ++id) {
    static_cast<void>(say(Kind::kCall, id, {{"method", "x"}}));
  }
  auto over = near_->peer.ask({{"method", "x"}});
  EXPECT_EQ(over.status().code(), Code::kDataLoss);
  EXPECT_NE(over.status().message().find("more than 64 calls"), std::string::npos)
      << over.status().message();
  far_->run();
}

TEST_F(PeerTest, OneIdIsUsedOnce) {
  near_->answer = [](const Frame&) { return Status(); };
  near_->run();
  static_cast<void>(say(Kind::kCall, 5, {{"method", "x"}}));
  static_cast<void>(say(Kind::kCall, 5, {{"method", "x"}}));
  auto over = near_->peer.ask({{"method", "x"}});
  EXPECT_NE(over.status().message().find("one id"), std::string::npos) << over.status().message();
  far_->run();
}

TEST_F(PeerTest, WhoDoesNotReadIsGivenUp) {
  auto pair = make_socket_pair();
  Link link(std::move(pair->ours), 1);
  const std::string body(4U << 20U, 'x');
  const json::object head;
  Status sent = link.send({Kind::kNotice, false, 0, head, body, {}});
  EXPECT_EQ(sent.code(), Code::kDeadlineExceeded);
  EXPECT_NE(sent.message().find("has not read"), std::string::npos);
  run();
}

}  // namespace
}  // namespace ktl::bridge
