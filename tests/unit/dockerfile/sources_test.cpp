#include "dockerfile/sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktl::dockerfile {
namespace {

using testing::ElementsAre;

TEST(Origin, TellsGitFromHttpFromLocal) {
  for (const std::string_view git :
       {"https://h/r.git", "HTTP://h/r.git#x:y", "https://h/r.gi%74?ref=a", "git://h/r",
        "ssh://git@h/r", "git@h:r", "some_one@h-1.org:a/b.git#main"}) {
    EXPECT_EQ(origin_of(git), Origin::kGit) << git;
  }
  for (const std::string_view http : {"http://h", "https://h/r.git.tar", "https://h/x?a=.git"}) {
    EXPECT_EQ(origin_of(http), Origin::kHttp) << http;
  }
  for (const std::string_view local :
       {"a.git", "github.com/a/b.git", "./git@h:r", "ftp://h/r.git", "@h:r", "a@:r", "a@h", ""}) {
    EXPECT_EQ(origin_of(local), Origin::kLocal) << local;
  }
}

TEST(MountSources, ReadsEachMount) {
  const auto run = parse_instruction(
      "RUN --mount=type=tmpfs,target=/t --mount=FROM=a,target=/a "
      "--mount=target=/b,\\\"from=b,c\\\",ro x",
      '\\');
  ASSERT_TRUE(run.ok());
  EXPECT_THAT(*mount_sources(*run), ElementsAre("scratch", "a", "b,c"));
}

TEST(FamiliarName, DropsWhatPeopleDoNotWrite) {
  EXPECT_EQ(familiar_name("docker.io/library/alpine:latest"), "alpine");
  EXPECT_EQ(familiar_name("library/alpine"), "alpine");
  EXPECT_EQ(familiar_name("docker.io/me/app:1"), "me/app:1");
  EXPECT_EQ(familiar_name("ghcr.io/library/app"), "ghcr.io/library/app");
}

}  // namespace
}  // namespace ktl::dockerfile
