#include "cli/render/step_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StepLog, KeepsWhatAStepWrote) {
  StepLog log;
  log.add("v1", "one\nt");
  log.add("v2", "other\n");
  log.add("v1", "wo\x1b[2J");
  EXPECT_THAT(log.lines_of("v1"), ElementsAre("one", "two"));
  log.drop("v1");
  EXPECT_THAT(log.lines_of("v1"), IsEmpty());
  EXPECT_THAT(log.lines_of("v2"), ElementsAre("other"));
}

TEST(StepLog, KeepsTheEndOfALot) {
  StepLog log;
  for (int i = 0; i < 5000; ++i) {
    log.add("v", std::string(999, 'x') + "\n");
  }
  log.add("v", "the end\n");
  auto lines = log.lines_of("v");
  EXPECT_NE(lines.front().find("bytes before this are not kept"), std::string::npos);
  EXPECT_EQ(lines.back(), "the end");
  EXPECT_LE(lines.size(), 2 * StepLog::kMostKept / 1000 + 3);
}

}  // namespace
}  // namespace ktl::cli
