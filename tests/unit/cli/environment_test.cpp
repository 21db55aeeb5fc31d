#include "cli/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/options/build_options.h"

namespace ktl::cli {
namespace {

const Option& option(const std::string& name) {
  for (const Option& each : build_options()) {
    if (each.name == name) {
      return each;
    }
  }
  ADD_FAILURE() << name;
  return build_options().front();
}

TEST(Environment, FindsAFlagUnderBothNames) {
  EXPECT_EQ(variable_of(option("build-arg")), "KTL_BUILD_ARG");
  Environment other(Variables{{"TORQUE_TARGET", "x"}});
  auto found = look_up(other, option("target"));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->name, "TORQUE_TARGET");
  EXPECT_EQ(found->value, "x");
}

TEST(Environment, RefusesTwoNamesThatDiffer) {
  Environment both(Variables{{"TORQUE_TARGET", "x"}, {"KTL_TARGET", "y"}});
  EXPECT_EQ(look_up(both, option("target")).status().message(),
            "KTL_TARGET and TORQUE_TARGET are both set and differ");
}

TEST(Environment, WarnsAboutUnknownNamesWithASuggestion) {
  Environment environment(Variables{{"KTL_TAGET", "x"},
                                    {"KTL_TOKEN", "s"},
                                    {"KTL_BUILDKITD", "/b"},
                                    {"TORQUE_BUILDKITD", "/b"},
                                    {"TORQUE_PROGRES", "plain"},
                                    {"KTL_PROGRESS", "plain"},
                                    {"HOME", "/"}});
  EXPECT_THAT(unknown_variables(environment, build_options(), {"KTL_TOKEN"}),
              testing::ElementsAre("the environment sets KTL_TAGET, which ktl does not know: did "
                                   "you mean \"KTL_TARGET\"?",
                                   "the environment sets TORQUE_PROGRES, which ktl does not know: "
                                   "did you mean \"KTL_PROGRESS\"?"));
}

}  // namespace
}  // namespace ktl::cli
