#include "base/status.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/clock.h"

namespace ktl {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) {
    return Status(Code::kInvalidArgument, "odd");
  }
  return number / 2;
}

Result<int> quarter(int number) {
  KTL_ASSIGN(int once, half(number));
  KTL_ASSIGN(int twice, half(once));
  return twice;
}

Status check(int number) {
  KTL_TRY(half(number).status());
  return {};
}

TEST(Status, AFailureLeavesTheFunction) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).status().message(), "odd");
  EXPECT_TRUE(check(2).ok());
  EXPECT_EQ(check(1).code(), Code::kInvalidArgument);
}

TEST(Status, SaysWhatWhereAndWhatNext) {
  Status status =
      Status(Code::kNotFound, "no stage").at("Dockerfile:3").in("target x").advise("try y");
  EXPECT_EQ(status.to_string(), "Dockerfile:3: target x: no stage\n  try y");
}

TEST(Status, ErrnoChoosesTheCode) {
  EXPECT_EQ(errno_status("open /x", ENOENT).code(), Code::kNotFound);
  EXPECT_EQ(errno_status("open /x", ENOENT).message(), "open /x: No such file or directory");
  EXPECT_EQ(errno_status("write", ENOSPC).code(), Code::kResourceExhausted);
  EXPECT_EQ(errno_status("open", EACCES).code(), Code::kPermissionDenied);
  EXPECT_EQ(errno_status("x", EIO).code(), Code::kInternal);
}

TEST(Status, EveryCodeHasItsName) {
  EXPECT_EQ(code_name(Code::kOk), "OK");
  EXPECT_EQ(code_name(Code::kUnauthenticated), "UNAUTHENTICATED");
  EXPECT_EQ(code_name(static_cast<Code>(99)), "CODE_99");
}

TEST(Clock, WritesTimesAsRfc3339) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(1'795'000'000'999'999'999), "2026-11-18T11:06:40Z");
}

}  // namespace
}  // namespace ktl
