#include "jail/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machines.h"

namespace ktl::jail {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct Fitted {
  Message policy;
  std::vector<std::string> notes;
};

Fitted fit(const std::string& text) {
  Fitted fitted{a_policy(text), {}};
  fit_limits(fitted.policy, a_machine(), fitted.notes);
  return fitted;
}

TEST(Limits, LowersWhatIsAboveTheHardLimit) {
  const auto fitted = fit("rlimit_nofile: 131072 disable_rl: false time_limit: 5");
  EXPECT_EQ(fitted.policy.text("rlimit_nofile_type"), "HARD");
  EXPECT_FALSE(fitted.policy.has("rlimit_nofile"));
  EXPECT_THAT(fitted.notes, Contains("rlimit_nofile: 131072 is above this machine's hard limit of "
                                     "20000 open files, which is used instead"));
}

TEST(Limits, LowersInfinity) {
  const auto fitted = fit("rlimit_nofile_type: INF rlimit_as_type: INF");
  EXPECT_EQ(fitted.policy.text("rlimit_nofile_type"), "HARD");
  EXPECT_EQ(fitted.policy.text("rlimit_as_type"), "INF");
  EXPECT_THAT(fitted.notes, Contains(HasSubstr("rlimit_nofile: no limit is above")));
}

TEST(Limits, KeepsWhatIsAllowed) {
  const auto fitted = fit("rlimit_nofile: 20000 rlimit_as: 8192 rlimit_fsize_type: SOFT");
  EXPECT_EQ(fitted.policy.number("rlimit_nofile"), 20'000U);
  EXPECT_EQ(fitted.policy.number("rlimit_as"), 8192U);
  EXPECT_EQ(fitted.policy.text("rlimit_fsize_type"), "SOFT");
}

TEST(Limits, DoesNotLetTheRuntimesOwnLimitsEndABuild) {
  const auto fitted = fit("");
  EXPECT_EQ(fitted.policy.number("time_limit", 9), 0U);
  EXPECT_EQ(fitted.policy.text("rlimit_fsize_type"), "HARD");
  EXPECT_EQ(fitted.policy.text("rlimit_core_type"), "");
  EXPECT_TRUE(fitted.policy.has("nice_level"));
  EXPECT_THAT(fitted.notes,
              ElementsAre("the policy sets no limit of time, address space, CPU time, file size, "
                          "open files: these stay as they are outside, since nsjail's own would "
                          "end a build"));
}

TEST(Limits, SaysWhatHasNoEffect) {
  EXPECT_THAT(fit("rlimit_nproc: 9").notes,
              Contains(HasSubstr("rlimit_nproc without rlimit_nproc_type: VALUE has no effect")));
}

TEST(Limits, LeavesAllAloneWhenTheyAreDisabled) {
  const auto fitted = fit("disable_rl: true time_limit: 0");
  EXPECT_THAT(fitted.notes, ElementsAre());
  EXPECT_FALSE(fitted.policy.has("rlimit_as_type"));
}

}  // namespace
}  // namespace ktl::jail
