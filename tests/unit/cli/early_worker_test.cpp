#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/commands/build_jobs.h"

namespace ktl::cli {
namespace {

// It would be without a fence, and of no use: the build makes one.
TEST(EarlyWorker, StartsOnlyWhereTheFenceIsLifted) {
  for (const char* word : {"", "0", "false", "nonsense"}) {
    ASSERT_EQ(::setenv("KTL_SANDBOX_DISABLE", word, 1), 0);
    const auto worker = early_worker();
    EXPECT_TRUE(worker.ok() && *worker == nullptr) << word;
  }
  ::unsetenv("KTL_SANDBOX_DISABLE");
}

}  // namespace
}  // namespace ktl::cli
