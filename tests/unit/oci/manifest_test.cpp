#include "oci/manifest.h"

#include <gtest/gtest.h>

#include "oci/media_types.h"

namespace ktl::oci {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string descriptor(const std::string& more = "") {
  return R"({"mediaType":"application/x","digest":")" + kDigest + R"(","size":5)" + more + "}";
}
std::string manifest(const std::string& layers, const std::string& more = "") {
  return R"({"schemaVersion":2,"config":)" + descriptor() + R"(,"layers":[)" + layers + "]" + more +
         "}";
}

TEST(Manifest, ReadsOciAndDocker) {
  auto oci = parse_manifest(manifest(descriptor(R"(,"annotations":{"k":"v"})")));
  ASSERT_TRUE(oci.ok()) << oci.status().message();
  EXPECT_EQ(oci->media_type, kManifestType);
  ASSERT_EQ(oci->layers.size(), 1U);
  EXPECT_EQ(oci->layers[0].annotations.at("k"), "v");
  EXPECT_EQ(oci->config.size, 5);
  auto docker =
      parse_manifest(manifest("", R"(,"mediaType":")" + std::string(kDockerManifestType) + "\""));
  ASSERT_TRUE(docker.ok());
  EXPECT_EQ(docker->media_type, kDockerManifestType);
}

TEST(Manifest, ReadsPlatformsOfAnIndex) {
  auto index = parse_index(
      R"({"schemaVersion":2,"manifests":[)" +
      descriptor(R"(,"platform":{"os":"linux","architecture":"arm64","variant":"v8"})") + "]}");
  ASSERT_TRUE(index.ok());
  EXPECT_EQ(index->manifests.at(0).platform->str(), "linux/arm64/v8");
}

TEST(Manifest, RefusesWhatTwoReadersCouldReadDifferently) {
  std::string both =
      R"({"schemaVersion":2,"manifests":[],"layers":[],"config":)" + descriptor() + "}";
  EXPECT_FALSE(parse_manifest(both).ok());
  EXPECT_FALSE(parse_index(both).ok());
  std::string lying = manifest("", R"(,"mediaType":")" + std::string(kIndexType) + "\"");
  EXPECT_FALSE(parse_manifest(lying).ok());
  EXPECT_FALSE(media_type_of(lying).ok());
  EXPECT_FALSE(parse_manifest(manifest("", R"(,"layers":[])")).ok());
}

TEST(Manifest, RefusesBrokenDescriptors) {
  const std::string kCases[] = {"null",
                                "{}",
                                R"({"digest":")" + kDigest + R"("})",
                                R"({"digest":"sha256:AA","size":1})",
                                R"({"digest":")" + kDigest + R"(","size":-1})",
                                R"({"digest":")" + kDigest + R"(","size":"1"})",
                                R"({"digest":")" + kDigest + R"(","size":1e30})",
                                descriptor(R"(,"annotations":{"k":1})"),
                                descriptor(R"(,"annotations":[])")};
  for (const auto& text : kCases) {
    auto parsed = parse_manifest(manifest(text));
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_TRUE(parsed.status().message().starts_with("layers[0]")) << parsed.status().message();
  }
}

TEST(Manifest, BoundsItsChildren) {
  std::string many = descriptor();
  for (size_t i = 0; i < kMaxChildren; ++i) {
    many += "," + descriptor();
  }
  EXPECT_EQ(parse_manifest(manifest(many)).status().code(), Code::kResourceExhausted);
  EXPECT_EQ(parse_manifest(std::string(kMaxManifestBytes + 1, ' ')).status().code(),
            Code::kResourceExhausted);
}

TEST(Manifest, WritesAnIndexThatItReads) {
  Index index;
  Descriptor entry;
  entry.media_type = kManifestType;
  entry.digest = kDigest;
  entry.size = 7;
  entry.platform = Platform{"linux", "amd64", "", ""};
  entry.annotations["a"] = "b";
  index.manifests.push_back(entry);
  auto read = parse_index(to_text(index));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->manifests.at(0), entry);
}

}  // namespace
}  // namespace ktl::oci
