#include "core/pipeline/requirements.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

using ::testing::HasSubstr;

const std::vector<IsolationLine> kLines = {{"network", "none", "probed"},
                                           {"policy", "strict", "declared"},
                                           {"path", "/usr ro", "probed"},
                                           {"path", "/lib ro", "probed"}};

TEST(Requirements, OnlyWhatWasSeenMeetsThem) {
  EXPECT_TRUE(check_required({"isolation.client.network=none"}, "client", kLines).ok());
  EXPECT_TRUE(check_required({"isolation.client.path=/lib ro"}, "client", kLines).ok());
  const Status said = check_required({"isolation.client.policy=strict"}, "client", kLines);
  EXPECT_EQ(said.code(), Code::kFailedPrecondition);
  EXPECT_THAT(said.message(), HasSubstr("it is strict (declared)"));
}

TEST(Requirements, EveryOneThatIsNotMetIsNamed) {
  const Status said = check_required(
      {"isolation.client.network=host", "isolation.client.seccomp=2"}, "client", kLines);
  EXPECT_THAT(said.message(), HasSubstr("isolation.client.network=host: it is none (probed)"));
  EXPECT_THAT(said.message(), HasSubstr("isolation.client.seccomp=2: nothing is known of it"));
}

TEST(Requirements, ThoseOfTheOtherPartAreNotItsMatter) {
  EXPECT_TRUE(check_required({"isolation.steps.network=none"}, "client", {}).ok());
  EXPECT_FALSE(check_required({"isolation.steps.network=none"}, "steps", {}).ok());
}

}  // namespace
}  // namespace ktl
