#include "core/pipeline/result_files.h"

#include <gmock/gmock.h>

#include "base/base64.h"
#include "base/fd.h"
#include "pipeline/world.h"

namespace ktl {
namespace {

struct Files : testing::World {
  Files() {
    request.tags = {"app:dev", "ghcr.io/a/b"};
    request.iidfile = root / "out/iid";
    request.metadata_file = root / "out/meta.json";
    add_exporter("exporter");
  }
  [[nodiscard]] std::string text(const std::string& path) const {
    auto bytes = read_file(path, 1U << 20U);
    return bytes.ok() ? *bytes : "";
  }
};

TEST(ResultFiles, AreWhatOtherToolsExpect) {
  Files world;
  world.solver.on("next", [&world](const json::value&, const CallContext&) {
    json::object turn = testing::gate_turn('a');
    if (world.called("solver resume")) {
      turn = testing::done_turn('a');
      turn["done"].as_object()["solved"].as_object()["metadata"].as_object()["extra"] =
          base64_encode(R"({"k": [1]})");
    }
    return Result<json::value>(turn);
  });
  ASSERT_EQ(world.run().exit, 0);
  EXPECT_EQ(world.text(world.request.iidfile), "sha256:" + std::string(64, 'c'));
  json::value metadata = *parse_json(world.text(world.request.metadata_file));
  EXPECT_EQ(text_of(metadata, "containerimage.digest"), "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(text_of(metadata, "containerimage.config.digest"), "sha256:" + std::string(64, 'c'));
  EXPECT_EQ(metadata.at("containerimage.descriptor"), testing::descriptor('a'));
  EXPECT_EQ(text_of(metadata, "image.name"), "docker.io/library/app:dev,ghcr.io/a/b:latest");
  EXPECT_EQ(text_of(metadata, "ktl.record"), world.outcome.record);
  EXPECT_EQ(metadata.at("extra"), *parse_json(R"({"k": [1]})"));
}

TEST(ResultFiles, AreNotThereAfterAFailure) {
  Files world;
  world.solver.on("next", testing::failed_turn("no"));
  EXPECT_EQ(world.run().exit, 1);
  EXPECT_FALSE(std::filesystem::exists(world.request.iidfile));
  EXPECT_FALSE(std::filesystem::exists(world.request.metadata_file));
}

TEST(ResultFiles, WhenOneCannotBeWrittenNothingIsExported) {
  Files world;
  std::filesystem::create_directories(world.request.metadata_file);  // a folder in its place
  EXPECT_EQ(world.run().exit, 7);
  EXPECT_FALSE(std::filesystem::exists(world.request.iidfile));
  EXPECT_TRUE(world.called("exporter rollback"));
  EXPECT_TRUE(std::filesystem::is_directory(world.request.metadata_file));
}

TEST(ResultFiles, AnImageForSeveralPlatformsIsNamedByItsIndex) {
  json::object solved = testing::solved('a');
  EXPECT_EQ(image_id(solved), "sha256:" + std::string(64, 'c'));
  solved["images"].as_array().push_back(solved["images"].as_array()[0]);
  EXPECT_EQ(image_id(solved), "sha256:" + std::string(64, 'a'));
  EXPECT_EQ(image_id(json::object()), "");
}

}  // namespace
}  // namespace ktl
