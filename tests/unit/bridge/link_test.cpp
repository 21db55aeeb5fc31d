#include "core/bridge/link.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

namespace ktl::bridge {
namespace {

bool readable(int fd, int wait_ms) {
  pollfd wait{fd, POLLIN, 0};
  return ::poll(&wait, 1, wait_ms) == 1;
}

class LinkTest : public ::testing::Test {
 protected:
  LinkTest() : LinkTest(*make_socket_pair()) {}
  explicit LinkTest(SocketPair pair)
      : ours_(std::move(pair.ours), 5), theirs_(std::move(pair.theirs), 5) {}

  Status post(int number, std::string_view body = {}) {
    const json::object head{{"number", number}};
    return ours_.post({Kind::kNotice, false, 0, head, body, {}});
  }
  Status send(int number, std::vector<int> fds = {}) {
    const json::object head{{"number", number}};
    return ours_.send({Kind::kNotice, false, 0, head, "body", std::move(fds)});
  }

  // The numbers of the frames that have come.
  std::vector<int64_t> arrived() {
    std::vector<Frame> frames;
    while (readable(theirs_.fd(), 0)) {
      EXPECT_TRUE(theirs_.receive(frames).ok());
    }
    std::vector<int64_t> numbers;
    for (Frame& frame : frames) {
      numbers.push_back(frame.head.at("number").as_int64());
      fds_ += frame.fds.size();
    }
    return numbers;
  }

  Link ours_;
  Link theirs_;
  size_t fds_ = 0;
};

using Numbers = std::vector<int64_t>;

TEST_F(LinkTest, WhatIsPostedGoesWithWhatIsSent) {
  ASSERT_TRUE(post(1).ok());
  ASSERT_TRUE(post(2, "body").ok());
  EXPECT_EQ(arrived(), Numbers());
  ASSERT_TRUE(send(3).ok());
  EXPECT_EQ(arrived(), Numbers({1, 2, 3}));
}

TEST_F(LinkTest, WhatIsPostedIsDueSoon) {
  EXPECT_FALSE(readable(ours_.due(), 20));
  ASSERT_TRUE(post(1).ok());
  EXPECT_TRUE(readable(ours_.due(), 1000));
  ASSERT_TRUE(ours_.flush().ok());
  EXPECT_EQ(arrived(), Numbers({1}));
  EXPECT_FALSE(readable(ours_.due(), 20));
  ASSERT_TRUE(ours_.flush().ok()) << "of nothing";
  EXPECT_EQ(arrived(), Numbers());
}

TEST_F(LinkTest, MuchIsSentAtOnce) {
  const std::string large(33U << 10U, 'x');
  ASSERT_TRUE(post(1).ok());
  ASSERT_TRUE(post(2, large).ok());
  EXPECT_EQ(arrived(), Numbers({1, 2}));
}

TEST_F(LinkTest, DescriptorsStayWithTheirFrame) {
  ASSERT_TRUE(post(1).ok());
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(send(2, {file.get()}).ok());
  EXPECT_EQ(arrived(), Numbers({1, 2}));
  EXPECT_EQ(fds_, 1U);
}

TEST_F(LinkTest, PostingToNobodyFails) {
  theirs_.close();
  ASSERT_TRUE(post(1).ok());
  EXPECT_EQ(ours_.flush().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace ktl::bridge
