#include "cli/request/convert_inputs.h"

#include <gmock/gmock.h>

#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

using testing::ElementsAre;
using testing::Pair;

const Environment kEnvironment({});
const Surroundings kHere{kEnvironment, "/"};

TEST(Inputs, AnnotationsHaveLevels) {
  EXPECT_THAT(*read_annotation("a.b=c=d"), ElementsAre(Pair("a.b", "c=d")));
  EXPECT_THAT(*read_annotation("index,manifest[linux/amd64]:k=v"),
              ElementsAre(Pair("index:k", "v"), Pair("manifest[linux/amd64]:k", "v")));
  for (const char* word : {"", "k", "=v", "layer:k=v", "index[:k=v", "index[]:k=v"}) {
    EXPECT_EQ(read_annotation(word).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Inputs, ContextsAreFoldersImagesLayoutsOrUrls) {
  EXPECT_EQ(read_build_context("x=usr/", kHere)->second, "/usr");
  EXPECT_EQ(read_build_context("x=docker-image://a:1", kHere)->second, "docker-image://a:1");
  EXPECT_EQ(read_build_context("x=oci-layout://l:t", kHere)->second, "oci-layout:///l:t");
  EXPECT_EQ(read_build_context("x=https://h/y.git", kHere)->second, "https://h/y.git");
  for (const char* word : {"", "x", "x=", "=/usr", "x=/no/such", "x=target:y"}) {
    EXPECT_EQ(read_build_context(word, kHere).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Inputs, ACallHasAMethodAndAFormat) {
  EXPECT_EQ(json::serialize(*read_call("check")),
            R"({"method":"lint","format":"text","ignore_status":false})");
  EXPECT_EQ(json::serialize(*read_call("format=json,outline,ignorestatus=1")),
            R"({"method":"outline","format":"json","ignore_status":true})");
  EXPECT_TRUE(read_call("build")->empty());
  for (const char* word : {"", "format=json", "a,b", "check,format=xml", "check,x=y", "A", "a b",
                           "check,ignorestatus=maybe"}) {
    EXPECT_EQ(read_call(word).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Inputs, RemoteIsWhatTheBuilderFetches) {
  for (const char* word : {"https://h/x", "git://h/x", "ssh://h/x", "git@h:x", "github.com/a/b"}) {
    EXPECT_TRUE(is_remote_context(word)) << word;
  }
  for (const char* word : {".", "/x", "x.git", "./github.com/a"}) {
    EXPECT_FALSE(is_remote_context(word)) << word;
  }
}

}  // namespace
}  // namespace ktl::cli
