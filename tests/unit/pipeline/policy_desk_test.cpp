// Policies that are asked while a build runs.
#include "core/pipeline/policy_desk.h"

#include <gtest/gtest.h>

#include "world.h"

namespace ktl {
namespace {

class PolicyDeskTest : public ::testing::Test {
 protected:
  static json::value answer(bool allow, const char* reason) {
    return json::object{{"schema", "ktl.answer/1"}, {"allow", allow}, {"reason", reason}};
  }
  Status ask(std::string_view asker = "solver") const { return desk_.decide(asker, question_); }

  const json::value question_ = json::object{{"schema", "ktl.question/1"}};
  CancelToken cancel_;
  PolicyDesk desk_{cancel_};
  std::vector<std::string> calls_;
  ktl::testing::FakePlugin one_{"one", calls_};
  ktl::testing::FakePlugin two_{"two", calls_};
};

TEST_F(PolicyDeskTest, AllMustAgree) {
  one_.on("decide", answer(true, ""));
  two_.on("decide", answer(true, ""));
  desk_.appoint({&one_, &two_});
  EXPECT_TRUE(ask().ok());
  two_.on("decide", answer(false, "not from there"));
  const Status refused = ask();
  EXPECT_EQ(refused.code(), Code::kPermissionDenied);
  EXPECT_EQ(refused.message(), "two: not from there");
}

TEST_F(PolicyDeskTest, WhatCannotBeJudgedIsNotAllowed) {
  EXPECT_EQ(ask().code(), Code::kUnavailable);
  one_.fail("decide", Code::kInternal);
  desk_.appoint({&one_});
  EXPECT_EQ(ask().code(), Code::kInternal);
  one_.on("decide", json::value(json::object{{"allow", true}}));
  EXPECT_EQ(ask().code(), Code::kInternal);  // no answer-1
  desk_.appoint({});
  EXPECT_EQ(ask().code(), Code::kUnavailable);
}

TEST_F(PolicyDeskTest, NobodyWaitsForItself) {
  one_.on("decide", answer(true, ""));
  desk_.appoint({&one_});
  EXPECT_EQ(ask("one").code(), Code::kFailedPrecondition);
  EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace ktl
