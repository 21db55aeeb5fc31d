#include "core/pipeline/cleanup.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Cleanup, ReleasesInReverseOrderAndOnlyOnce) {
  std::vector<std::string> done;
  Cleanup cleanup;
  for (const char* name : {"first", "second", "third"}) {
    cleanup.push(name, [&done, name] {
      done.emplace_back(name);
      return Status();
    });
  }
  EXPECT_THAT(cleanup.run(), IsEmpty());
  EXPECT_THAT(cleanup.run(), IsEmpty());
  EXPECT_THAT(done, ElementsAre("third", "second", "first"));
}

TEST(Cleanup, GoesOnAfterAFailureAndSaysWhatFailed) {
  bool reached = false;
  Cleanup cleanup;
  cleanup.push("close", [&] {
    reached = true;
    return Status();
  });
  cleanup.push("undo", [] { return Status(Code::kUnavailable, "gone"); });
  auto failures = cleanup.run();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].message(), "undo: gone");
  EXPECT_TRUE(reached);
}

}  // namespace
}  // namespace ktl
