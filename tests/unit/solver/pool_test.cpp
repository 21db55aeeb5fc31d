#include "pool.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/fd.h"
#include "base/sha256.h"
#include "solve_request.h"

namespace ktl::solver {
namespace {

std::string entry(const std::string& architecture, const std::string& more = "") {
  return R"({"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":")" +
         digest_of(architecture) + R"(","size":10,)" + more + R"("platform":{"architecture":")" +
         architecture + R"(","os":"linux"}})";
}
std::string index(const std::string& entries) {
  return R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)" +
         entries + R"(],"annotations":{"a":"<b>&"}})";
}
const std::string kAttestation =
    R"("annotations":{"vnd.docker.reference.type":"attestation-manifest"},)";

std::vector<std::string> architectures(const std::string& text) {
  std::vector<std::string> found;
  const json::value document = *parse_json(text);
  for (const json::value& each : document.at("manifests").as_array()) {
    found.emplace_back(text_of(each.at("platform"), "architecture"));
  }
  return found;
}

TEST(MergeIndexes, OrdersAsThePlanAndKeepsTheRestBehind) {
  const auto merged = merge_indexes(
      {index(entry("arm64") + "," + entry("unknown", kAttestation)), index(entry("amd64"))},
      {"linux/amd64", "linux/arm64"});
  ASSERT_TRUE(merged.ok()) << merged.status().to_string();
  EXPECT_EQ(architectures(*merged), (std::vector<std::string>{"amd64", "arm64", "unknown"}));
}

TEST(MergeIndexes, WritesAsGoDoes) {
  const auto merged = merge_indexes({index(entry("amd64"))}, {"linux/amd64"});
  ASSERT_TRUE(merged.ok());
  EXPECT_TRUE(merged->starts_with("{\n  \"schemaVersion\": 2,\n  \"mediaType\": "));
  EXPECT_TRUE(merged->ends_with("\n  }\n}"));
  EXPECT_NE(merged->find("\"a\": \"\\u003cb\\u003e\\u0026\""), std::string::npos);
}

TEST(MergeIndexes, WantsEachPlatformOnce) {
  EXPECT_EQ(merge_indexes({index(entry("amd64"))}, {"linux/arm64"}).status().code(),
            Code::kDataLoss);
  EXPECT_EQ(merge_indexes({index(entry("amd64")), index(entry("amd64"))}, {"linux/amd64"})
                .status()
                .code(),
            Code::kDataLoss);
  EXPECT_FALSE(merge_indexes({"{}"}, {"linux/amd64"}).ok());
  EXPECT_FALSE(merge_indexes({"nonsense"}, {"linux/amd64"}).ok());
}

TEST(OneOfSeveral, IsAnIndexOfItsPlatforms) {
  const json::value plan{{"context", {{"dir", "/c"}}},
                         {"dockerfile", {{"dir", "/c"}, {"name", "Dockerfile"}}},
                         {"platforms", {"linux/amd64", "linux/arm64"}}};
  const json::value part = one_of_several(plan, {"linux/arm64"});
  EXPECT_TRUE(makes_index(part));
  const auto request = solve_request(part, "ref", "session", true);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->frontendattrs().at("platform"), "linux/arm64");
  EXPECT_EQ(request->frontendattrs().at("multi-platform"), "true");
}

TEST(CheckPoolable, NamesWhatCannotBePutTogether) {
  EXPECT_TRUE(check_poolable(json::object{{"outputs", {{{"type", "local"}}}}}).ok());
  EXPECT_TRUE(check_poolable(json::object{{"outputs", {{{"type", "tar"}}}}}).ok());
  EXPECT_TRUE(check_poolable(json::object{{"cache_to", {{{"type", "inline"}}}}}).ok());
  const Status caches =
      check_poolable(json::object{{"cache_to", {{{"type", "inline"}}, {{"type", "local"}}}}});
  EXPECT_EQ(caches.code(), Code::kUnimplemented);
  EXPECT_NE(caches.message().find("type=local"), std::string::npos);
}

class JoinTars : public ::testing::Test {
 protected:
  JoinTars() : folder_(std::filesystem::temp_directory_path() / "ktl-join-tars") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
  }
  ~JoinTars() override { std::filesystem::remove_all(folder_); }

  json::array tar(const std::string& name, const std::string& bytes) const {
    EXPECT_TRUE(write_file_atomic(folder_ / name, bytes).ok());
    return {{{"path", (folder_ / name).string()}, {"kind", "tar"}}};
  }

  const std::filesystem::path folder_;
  const std::string end_ = std::string(1024, 0);
};

TEST_F(JoinTars, OneEndsWhereTheOtherBegins) {
  const std::string a(512, 'a');
  const std::string b(1024, 'b');
  const json::array into = tar("into", a + end_);
  ASSERT_TRUE(merge_files(into, tar("from", b + end_)).ok());
  EXPECT_EQ(*read_file(folder_ / "into", 1 << 20), a + b + end_);
}

TEST_F(JoinTars, WhatHasNoEndIsCutOff) {
  const std::string a(512, 'a');
  EXPECT_EQ(merge_files(tar("into", a), tar("from", a + end_)).code(), Code::kDataLoss);
  EXPECT_EQ(merge_files(tar("into", a + end_), tar("from", a)).code(), Code::kDataLoss);
  EXPECT_EQ(merge_files(tar("into", a + end_), tar("from", "x" + end_)).code(), Code::kDataLoss);
}

}  // namespace
}  // namespace ktl::solver
