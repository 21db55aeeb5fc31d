#include "solved.h"

#include <gtest/gtest.h>

#include "base/sha256.h"
#include "oci/media_types.h"

namespace ktl::solver {
namespace {

class SolvedDocument : public ::testing::Test {
 protected:
  // Stores `bytes` and returns their descriptor.
  json::object put(const std::string& type, const std::string& bytes) {
    blobs_[digest_of(bytes)] = bytes;
    return {{"mediaType", type}, {"digest", digest_of(bytes)}, {"size", bytes.size()}};
  }
  json::object put_image(const std::string& architecture) {
    const std::string config = json::serialize(json::value{
        {"os", "linux"},
        {"architecture", architecture},
        {"rootfs", {{"type", "layers"}, {"diff_ids", json::array{digest_of("layer")}}}}});
    const json::value manifest = {
        {"schemaVersion", 2},
        {"mediaType", oci::kManifestType},
        {"config", put(std::string(oci::kConfigType), config)},
        {"layers", json::array{put(std::string(oci::kLayerType), "layer " + architecture)}}};
    return put(std::string(oci::kManifestType), json::serialize(manifest));
  }
  Root root_of(const json::object& descriptor) {
    const std::string digest(descriptor.at("digest").as_string());
    return {std::string(descriptor.at("mediaType").as_string()), digest, blobs_[digest]};
  }
  BlobReader reader() {
    return [this](const std::string& digest, size_t) -> Result<std::string> {
      auto found = blobs_.find(digest);
      if (found == blobs_.end()) {
        return Status(Code::kNotFound, digest);
      }
      return found->second;
    };
  }

  std::map<std::string, std::string> blobs_;
};

TEST_F(SolvedDocument, OfOneManifestTakesThePlatformFromItsConfig) {
  const json::object image = put_image("arm64");
  auto document = solved_document({{"name", "x"}}, root_of(image), {{"k", "v"}}, reader());
  ASSERT_TRUE(document.ok()) << document.status().to_string();
  EXPECT_EQ(document->at("root"), json::value(image));
  const json::array& images = document->at("images").as_array();
  ASSERT_EQ(images.size(), 1U);
  EXPECT_EQ(text_of(images[0], "platform"), "linux/arm64");
  EXPECT_EQ(*field_of(images[0], "manifest"), json::value(image));
  EXPECT_EQ(field_of(images[0], "layers")->as_array().size(), 1U);
  EXPECT_EQ(text_of(document->at("metadata"), "k"), "v");
}

TEST_F(SolvedDocument, OfAnIndexListsImagesAndLeavesAttestationsOut) {
  json::object amd = put_image("amd64");
  json::object arm = put_image("arm64");
  json::object proof = put_image("unknown");
  amd["platform"] = {{"os", "linux"}, {"architecture", "amd64"}};
  arm["platform"] = {{"os", "linux"}, {"architecture", "arm64"}, {"variant", "v8"}};
  proof["annotations"] = {{"vnd.docker.reference.type", "attestation-manifest"}};
  const json::value index = {{"schemaVersion", 2},
                             {"mediaType", oci::kIndexType},
                             {"manifests", json::array{amd, arm, proof}}};
  const json::object root = put(std::string(oci::kIndexType), json::serialize(index));
  auto document = solved_document(json::object(), root_of(root), {}, reader());
  ASSERT_TRUE(document.ok()) << document.status().to_string();
  const json::array& images = document->at("images").as_array();
  ASSERT_EQ(images.size(), 2U);
  EXPECT_EQ(text_of(images[0], "platform"), "linux/amd64");
  EXPECT_EQ(text_of(images[1], "platform"), "linux/arm64/v8");
}

TEST_F(SolvedDocument, WithoutStagingHasNoRoot) {
  auto document = solved_document(json::object(), std::nullopt, {}, reader());
  ASSERT_TRUE(document.ok());
  EXPECT_TRUE(document->at("root").is_null());
  EXPECT_TRUE(document->at("images").as_array().empty());
}

TEST_F(SolvedDocument, WithAMissingConfigFails) {
  const Root root = root_of(put_image("amd64"));
  blobs_.clear();
  EXPECT_EQ(solved_document(json::object(), root, {}, reader()).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace ktl::solver
