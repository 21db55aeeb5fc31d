#include "core/pipeline/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>

namespace ktl {
namespace {

struct Row {
  Stage stage;
  Code code;
  Cause cause;
  int exit;
};

TEST(ExitCode, StageCodeAndCauseChooseIt) {
  for (const Row& row : {
           Row{Stage::kRequest, Code::kNotFound, Cause::kStatus, 2},
           Row{Stage::kPrepare, Code::kInvalidArgument, Cause::kStatus, 2},
           Row{Stage::kPrepare, Code::kInvalidArgument, Cause::kBuild, 1},
           Row{Stage::kPrepare, Code::kInternal, Cause::kStatus, 8},
           Row{Stage::kSandbox, Code::kFailedPrecondition, Cause::kStatus, 5},
           Row{Stage::kSolve, Code::kInvalidArgument, Cause::kStatus, 2},
           Row{Stage::kSolve, Code::kUnavailable, Cause::kStatus, 6},
           Row{Stage::kSolve, Code::kUnimplemented, Cause::kStatus, 6},
           Row{Stage::kSolve, Code::kFailedPrecondition, Cause::kStatus, 6},
           Row{Stage::kSolve, Code::kAborted, Cause::kBuild, 1},
           Row{Stage::kSolve, Code::kCancelled, Cause::kStatus, 130},
           Row{Stage::kSolve, Code::kInternal, Cause::kStatus, 8},
           Row{Stage::kSolve, Code::kDeadlineExceeded, Cause::kStatus, 8},
           Row{Stage::kScan, Code::kPermissionDenied, Cause::kRefused, 3},
           Row{Stage::kScan, Code::kPermissionDenied, Cause::kSecrets, 4},
           Row{Stage::kScan, Code::kInvalidArgument, Cause::kStatus, 8},
           Row{Stage::kAttest, Code::kInternal, Cause::kStatus, 7},
           Row{Stage::kAttest, Code::kInvalidArgument, Cause::kUsage, 2},
           Row{Stage::kExport, Code::kInvalidArgument, Cause::kStatus, 7},
           Row{Stage::kExport, Code::kUnavailable, Cause::kStatus, 7},
       }) {
    EXPECT_EQ(exit_code({row.stage, Status(row.code, "x"), row.cause}), row.exit)
        << stage_name(row.stage) << " " << code_name(row.code);
  }
}

TEST(ExitCode, InterruptedBuildsSayBySignal) {
  Failure failure{Stage::kExport, Status(Code::kUnavailable, "x")};
  std::vector<Failure> failures{failure};
  EXPECT_EQ(exit_code(failures, SIGINT), 130);
  EXPECT_EQ(exit_code(failures, SIGTERM), 143);
  EXPECT_EQ(exit_code(failures, SIGHUP), 143);
  EXPECT_EQ(exit_code(failures, 0), 130);
  EXPECT_EQ(exit_code(failures, -1), 7);
  EXPECT_EQ(exit_code(std::span<const Failure>(), SIGINT), 0);
}

// In the order of what wins; each beats all that follow.
TEST(ExitCode, TheGravestOfSeveralWins) {
  const std::vector<Failure> order = {
      {Stage::kSolve, Status(Code::kCancelled, "130")},
      {Stage::kPrepare, Status(Code::kNotFound, "2")},
      {Stage::kSandbox, Status(Code::kNotFound, "5")},
      {Stage::kSolve, Status(Code::kUnavailable, "6")},
      {Stage::kScan, Status(Code::kUnknown, "4"), Cause::kSecrets},
      {Stage::kScan, Status(Code::kUnknown, "3"), Cause::kRefused},
      {Stage::kSolve, Status(Code::kAborted, "1"), Cause::kBuild},
      {Stage::kScan, Status(Code::kInternal, "8")},
      {Stage::kExport, Status(Code::kInternal, "7")},
  };
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<Failure> rest(order.rbegin(), order.rend() - static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(decisive(rest)->status.message(), order[i].status.message());
    EXPECT_EQ(std::to_string(exit_code(rest, -1)), order[i].status.message());
  }
  EXPECT_EQ(decisive({}), nullptr);
}

}  // namespace
}  // namespace ktl
