#include "core/pipeline/dockerfile_input.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "pipeline/world.h"

namespace ktl {
namespace {

using ::testing::HasSubstr;

TEST(DockerfileInput, IsTheContextsOwnUnlessNamed) {
  testing::World world;
  auto input = read_dockerfile(world.request);
  ASSERT_TRUE(input.ok()) << input.status().to_string();
  EXPECT_EQ(input->dir, world.context);
  EXPECT_EQ(input->name, "Dockerfile");
  EXPECT_EQ(input->shown, "Dockerfile");
  EXPECT_THAT(input->text, HasSubstr("FROM scratch"));

  world.write("build/api.Dockerfile", "FROM api\n");
  world.request.file = world.context / "build/api.Dockerfile";
  input = read_dockerfile(world.request);
  ASSERT_TRUE(input.ok()) << input.status().to_string();
  EXPECT_EQ(input->dir, world.context / "build");
  EXPECT_EQ(input->shown, "build/api.Dockerfile");
  EXPECT_EQ(input->text, "FROM api\n");
}

TEST(DockerfileInput, MayLieOutsideTheContext) {
  testing::World world;
  world.write("../other/file", "FROM other\n");
  world.request.file = world.root / "other/file";
  auto input = read_dockerfile(world.request);
  ASSERT_TRUE(input.ok()) << input.status().to_string();
  EXPECT_EQ(input->dir, world.root / "other");
  EXPECT_EQ(input->shown, world.root / "other/file");
}

TEST(DockerfileInput, FindsTheLowerCaseName) {
  testing::World world;
  std::filesystem::rename(world.context / "Dockerfile", world.context / "dockerfile");
  auto input = read_dockerfile(world.request);
  ASSERT_TRUE(input.ok()) << input.status().to_string();
  EXPECT_EQ(input->name, "dockerfile");
}

TEST(DockerfileInput, SaysWhereItLookedAndWhatToDo) {
  testing::World world;
  std::filesystem::remove(world.context / "Dockerfile");
  Status status = read_dockerfile(world.request).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(status.where(), world.context / "Dockerfile");
  EXPECT_THAT(status.next(), HasSubstr("-f"));
}

TEST(DockerfileInput, FollowsNoLinkOutOfTheContext) {
  testing::World world;
  world.write("../secret", "FROM secret\n");
  std::filesystem::remove(world.context / "Dockerfile");
  std::filesystem::create_symlink("../secret", world.context / "Dockerfile");
  EXPECT_EQ(read_dockerfile(world.request).status().code(), Code::kInvalidArgument);
  std::filesystem::remove(world.context / "Dockerfile");
  world.write("real", "FROM real\n");
  std::filesystem::create_symlink("real", world.context / "Dockerfile");
  EXPECT_EQ(read_dockerfile(world.request)->text, "FROM real\n");
}

TEST(DockerfileInput, RefusesWhatIsNoFileOrTooLarge) {
  testing::World world;
  std::filesystem::remove(world.context / "Dockerfile");
  ASSERT_EQ(::mkfifo((world.context / "Dockerfile").c_str(), 0600), 0);
  EXPECT_EQ(read_dockerfile(world.request).status().code(), Code::kInvalidArgument);
  std::filesystem::remove(world.context / "Dockerfile");
  world.write("Dockerfile", std::string((1U << 20U) + 1, '#'));
  EXPECT_EQ(read_dockerfile(world.request).status().code(), Code::kResourceExhausted);
}

}  // namespace
}  // namespace ktl
