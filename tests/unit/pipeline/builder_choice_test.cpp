#include "core/pipeline/builder_choice.h"

#include <gtest/gtest.h>

#include "core/document/schemas.h"

namespace ktl {
namespace {

const std::vector<BuilderRule> kRules = {
    {"arm", {{.address = "tcp://arm:1", .platforms = {"arm64"}, .cacert = "/ca"}}, "/k.yaml:2:3"},
    {"farm", {{.address = "unix:///a"}, {.address = "ssh://b"}}, "/k.yaml:4:3"}};

json::object choose(const std::string& builder) {
  auto document = builder_document(builder, kRules);
  EXPECT_TRUE(document.ok()) << document.status().to_string();
  EXPECT_TRUE(check_document("builder-1", *document).ok());
  return *document;
}

std::string address(const json::object& document, size_t member) {
  return std::string(text_of(document.at("members").as_array().at(member), "address"));
}

TEST(BuilderChoice, AnAddressStaysWhatItIs) {
  for (const char* text : {"auto", "unix:///b", "somebody"}) {
    const json::object document = choose(text);
    EXPECT_EQ(text_of(document, "address"), text);
    EXPECT_FALSE(document.contains("members"));
  }
}

TEST(BuilderChoice, ANameIsItsMembersWithAllThatIsSaidOfThem) {
  const json::object one = choose("arm");
  const json::value& member = one.at("members").as_array().at(0);
  EXPECT_EQ(text_of(member, "address"), "tcp://arm:1");
  EXPECT_EQ(text_of(member, "cacert"), "/ca");
  EXPECT_EQ(texts_of(member, "platforms"), std::vector<std::string>{"linux/arm64"});
  EXPECT_EQ(address(choose("farm"), 1), "ssh://b");
}

TEST(BuilderChoice, SeveralWordsAreAPool) {
  const json::object pool = choose("unix:///x;platforms=arm64,amd64\nfarm\nunix:///z z");
  EXPECT_EQ(texts_of(pool.at("members").as_array().at(0), "platforms"),
            (std::vector<std::string>{"linux/arm64", "linux/amd64"}));
  EXPECT_EQ(address(pool, 0), "unix:///x");
  EXPECT_EQ(address(pool, 2), "ssh://b");
  EXPECT_EQ(address(pool, 3), "unix:///z z");
}

TEST(BuilderChoice, RefusesPlatformsThatAreNoneOrAlreadySaid) {
  EXPECT_EQ(builder_document("unix:///x;platforms=nonsense/x", kRules).status().code(),
            Code::kInvalidArgument);
  const Status said = builder_document("arm;platforms=arm64", kRules).status();
  EXPECT_EQ(said.code(), Code::kInvalidArgument);
  EXPECT_NE(said.message().find("/k.yaml:2:3"), std::string::npos);
}

}  // namespace
}  // namespace ktl
