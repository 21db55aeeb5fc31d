#include "builder/ready.h"

#include <gtest/gtest.h>

namespace ktl::builder {
namespace {

const auto kSilent = [] {};

TEST(Ready, ThePipeCarriesAStatus) {
  auto pipe = make_ready_pipe();
  ASSERT_TRUE(pipe.ok());
  report_ready(pipe->write, Status(Code::kFailedPrecondition, "what").at("/f:1").advise("do"));
  EXPECT_FALSE(pipe->write.valid());
  Status status = await_ready(pipe->read, 1'000, {}, kSilent);
  EXPECT_EQ(status.code(), Code::kFailedPrecondition);
  EXPECT_EQ(status.to_string(),
            Status(Code::kFailedPrecondition, "what").at("/f:1").advise("do").to_string());
}

TEST(Ready, ReadyIsOk) {
  auto pipe = make_ready_pipe();
  report_ready(pipe->write, {});
  EXPECT_TRUE(await_ready(pipe->read, 1'000, {}, kSilent).ok());
}

TEST(Ready, ASupervisorThatDiesIsAnError) {
  auto pipe = make_ready_pipe();
  pipe->write.reset();
  EXPECT_EQ(await_ready(pipe->read, 1'000, {}, kSilent).code(), Code::kAborted);
}

TEST(Ready, WaitingHasAnEndAndIsTold) {
  auto pipe = make_ready_pipe();
  int told = 0;
  EXPECT_EQ(await_ready(pipe->read, 1'500, {}, [&told] { ++told; }).code(),
            Code::kDeadlineExceeded);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace ktl::builder
