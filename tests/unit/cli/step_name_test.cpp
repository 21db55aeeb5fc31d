#include "cli/render/step_name.h"

#include <gtest/gtest.h>

namespace ktl::cli {
namespace {

TEST(StepName, KnowsStagePlatformAndPlace) {
  StepName one = parse_step_name("[2/3] RUN make");
  EXPECT_TRUE(one.users);
  EXPECT_EQ(one.title(), "");
  EXPECT_EQ(one.index, 2);
  EXPECT_EQ(one.count, 3);
  EXPECT_EQ(parse_step_name("[build  2/13] RUN x").title(), "build");
  EXPECT_EQ(parse_step_name("[ 2/13] RUN x").title(), "");
  EXPECT_EQ(parse_step_name("[stage-1 12/13] RUN x").title(), "stage-1");
  EXPECT_EQ(parse_step_name("[linux/arm64 1/2] FROM x").title(), "linux/arm64");
  EXPECT_EQ(parse_step_name("[linux/arm64 build 1/2] FROM x").title(), "build linux/arm64");
  EXPECT_EQ(parse_step_name("[linux/amd64->arm/v7 build 1/2] FROM x").title(),
            "build linux/amd64->arm/v7");
}

TEST(StepName, LeavesTheBuildersOwnSteps) {
  for (const char* name :
       {"[internal] load build context", "exporting layers", "", "[", "[1/2]", "[a/b] x", "[1/] x",
        "[/2] x", "[-1/2] x", "[99999999999/2] x", "[linux/amd64 internal] settings"}) {
    EXPECT_FALSE(parse_step_name(name).users) << name;
    EXPECT_EQ(parse_step_name(name).title(), "") << name;
  }
}

TEST(StepName, ShortensDigests) {
  const std::string digest = "sha256:" + std::string(60, 'a') + "0123";
  EXPECT_EQ(short_digests("FROM x@" + digest + " AS y@" + digest),
            "FROM x@sha256:aaaaaaaaaaaa AS y@sha256:aaaaaaaaaaaa");
  for (const char* text : {"", "sha256:", "sha256:abc x", "no digest"}) {
    EXPECT_EQ(short_digests(text), text);
  }
  EXPECT_EQ(short_digests(digest + "0"), digest + "0");
}

}  // namespace
}  // namespace ktl::cli
