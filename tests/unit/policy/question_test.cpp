#include "question.h"

#include <gtest/gtest.h>

namespace ktl::policy {
namespace {

json::value input_of(json::object source) {
  const json::value question{{"kind", "source"}, {"source", std::move(source)}};
  const auto input = buildx_input(question);
  return input.ok() && *input ? json::value(**input) : json::value();
}

// docs.docker.com/build/policies/inputs
TEST(BuildxInput, Images) {
  const json::value official = input_of({{"ref", "alpine:3.19"}});
  EXPECT_EQ(json::serialize(official),
            R"({"image":{"ref":"alpine:3.19","host":"docker.io","repo":"alpine",)"
            R"("fullRepo":"docker.io/library/alpine","isCanonical":false,"tag":"3.19"}})");
  const json::value pinned =
      input_of({{"ref", "127.0.0.1:5000/a/b"}, {"digest", "sha256:" + std::string(64, '1')}});
  EXPECT_EQ(text_of(pinned.at("image"), "repo"), "a/b");
  EXPECT_EQ(text_of(pinned.at("image"), "tag"), "latest");
  EXPECT_EQ(text_of(pinned.at("image"), "checksum"), "sha256:" + std::string(64, '1'));
}

TEST(BuildxInput, Files) {
  const json::value file = input_of({{"ref", "https://Example.com:8443/a/b?x=1&x=2&y"}});
  EXPECT_EQ(text_of(file.at("http"), "schema"), "https");
  EXPECT_EQ(text_of(file.at("http"), "host"), "example.com:8443");
  EXPECT_EQ(text_of(file.at("http"), "path"), "/a/b");
  EXPECT_EQ(json::serialize(file.at("http").at("query")), R"({"x":["1","2"],"y":[""]})");
}

TEST(BuildxInput, Repositories) {
  const json::value git = input_of({{"ref", "https://github.com/a/b.git#v1:sub"}});
  EXPECT_EQ(text_of(git.at("git"), "host"), "github.com");
  EXPECT_EQ(text_of(git.at("git"), "ref"), "v1");
  EXPECT_EQ(text_of(git.at("git"), "subDir"), "sub");
  const json::value input = input_of({{"ref", "git@github.com:a/b"}});
  EXPECT_EQ(text_of(input.at("git"), "schema"), "ssh");
}

TEST(BuildxInput, WhatIsNoSourceIsNotAsked) {
  EXPECT_FALSE(*buildx_input({{"kind", "request"}}));
  EXPECT_FALSE(buildx_input({{"kind", "source"}, {"source", {{"ref", "UPPER CASE"}}}}).ok());
}

}  // namespace
}  // namespace ktl::policy
