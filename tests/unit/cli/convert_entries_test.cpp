#include "cli/request/convert_entries.h"

#include <gtest/gtest.h>

#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

const Environment kEnvironment({});
const Surroundings kHere{kEnvironment, "/w"};

std::string output(const std::string& word) {
  auto made = read_output(word, kHere);
  return made.ok() ? json::serialize(*made) : made.status().message();
}

std::string cache(bool to, const std::string& word) {
  auto made = to ? read_cache_to(word, kHere) : read_cache_from(word, kHere);
  std::string all = made.ok() ? "" : made.status().message();
  for (const json::object& one : made.ok() ? *made : std::vector<json::object>()) {
    all += json::serialize(one);
  }
  return all;
}

TEST(Entries, OutputsAreThoseOfBuildx) {
  EXPECT_EQ(output("out"), R"({"type":"local","dest":"/w/out","attrs":{}})");
  EXPECT_EQ(output("-"), R"({"type":"tar","dest":"-","attrs":{}})");
  EXPECT_EQ(output("type=oci,dest=/x,Compression=zstd"),
            R"({"type":"oci","dest":"/x","attrs":{"compression":"zstd"}})");
  EXPECT_EQ(output(R"(type=image,"name=a,b",push=true)"),
            R"({"type":"image","dest":"","attrs":{"name":"a,b","push":"true"}})");
  EXPECT_EQ(output("type=docker"), R"({"type":"docker","dest":"","attrs":{}})");
}

TEST(Entries, OutputsThatCannotBeAreRefused) {
  for (const char* word :
       {"type=local", "type=zip,dest=x", "dest=x", "type=oci", "type=tar,dest=x,a=b",
        "type=registry,dest=x", "type=local,dest=-", "type=oci,type=tar,x",
        "type=local,dest=x,mode=delete", "type=oci,dest=a,dest=b"}) {
    EXPECT_EQ(read_output(word, kHere).status().code(), Code::kInvalidArgument) << word;
  }
}

TEST(Entries, CachesAreThoseOfBuildx) {
  EXPECT_EQ(cache(false, "a/b:c,d"), R"({"type":"registry","attrs":{"ref":"a/b:c"}})"
                                     R"({"type":"registry","attrs":{"ref":"d"}})");
  EXPECT_EQ(cache(true, "type=local,dest=c,mode=max"),
            R"({"type":"local","attrs":{"dest":"/w/c","mode":"max"}})");
  EXPECT_EQ(cache(true, "type=inline"), R"({"type":"inline","attrs":{}})");
  EXPECT_EQ(cache(false, "type=local,src=/c"), R"({"type":"local","attrs":{"src":"/c"}})");
}

TEST(Entries, NoCacheTakesACredentialOrAnUnknownKey) {
  EXPECT_EQ(cache(false, "type=s3,bucket=b,secret_access_key=x"),
            "--cache-from: secret_access_key would put a credential on the command line");
  EXPECT_EQ(cache(true, "type=gha,token=x"),
            "--cache-to: token would put a credential on the command line");
  EXPECT_EQ(cache(true, "type=registry,ref=a,mode=all"),
            "--cache-to: mode is min or max, not \"all\"");
  EXPECT_EQ(cache(true, "type=registry,ref=a,dest=b"),
            "--cache-to: type=registry does not know \"dest\"");
  EXPECT_EQ(cache(true, "type=inline,ref=a"), "--cache-to: type=inline does not know \"ref\"");
  EXPECT_EQ(cache(false, "type=inline"), "--cache-from: there is no type \"inline\"");
}

}  // namespace
}  // namespace ktl::cli
