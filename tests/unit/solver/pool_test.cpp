#include "pool.h"

#include <gtest/gtest.h>

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
  const Status files = check_poolable(json::object{{"outputs", {{{"type", "tar"}}}}});
  EXPECT_EQ(files.code(), Code::kUnimplemented);
  EXPECT_NE(files.message().find("tar"), std::string::npos);
  EXPECT_EQ(check_poolable(json::object{{"cache_to", {{{"type", "local"}}}}}).code(),
            Code::kUnimplemented);
}

}  // namespace
}  // namespace ktl::solver
