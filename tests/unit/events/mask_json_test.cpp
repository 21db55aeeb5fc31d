#include "core/events/mask_json.h"

#include <gmock/gmock.h>

namespace ktl {
namespace {

constexpr const char* kSecret = "hunter2hunter22";  // base64: aHVudGVyMmh1bnRlcjIy

std::string masked(const char* text) {
  redact::PatternSet patterns;
  redact::add_forms(kSecret, patterns);
  redact::Masker masker;
  masker.use(std::make_shared<const redact::Matcher>(std::move(patterns)));
  json::value value = *parse_json(text);
  mask_json(masker, value);
  return json::serialize(value);
}

TEST(MaskJson, ReachesEveryTextAndKeyAtAnyDepth) {
  EXPECT_EQ(masked(R"({"a":["x hunter2hunter22",1,{"b":{"hunter2hunter22!":
                       "68756e7465723268756e7465723232","c":"aHVudGVyMmh1bnRlcjIy"}}],
                       "d":true,"e":null})"),
            R"({"a":["x ***",1,{"b":{"***!":"***","c":"***"}}],"d":true,"e":null})");
  EXPECT_EQ(masked(R"("hunter2hunter22")"), R"("***")");
  EXPECT_EQ(masked(R"({"n":12345678.5,"t":"nothing to hide"})"),
            R"({"n":1.23456785E7,"t":"nothing to hide"})");
}

TEST(MaskJson, SeesTheLinesOfAnArrayAsOneText) {
  EXPECT_EQ(masked(R"(["before","x aHVudGVy","Mmh1bnRlcjIy y","hunter2hunter22","after"])"),
            R"(["before","x ***","*** y","***","after"])");
  EXPECT_EQ(masked(R"(["aHVu","dGVy","Mmh1","bnRl","cjIy"])"),
            R"(["***","***","***","***","***"])");
}

TEST(MaskJson, KeepsTheFirstOfTwoKeysThatBecomeOne) {
  EXPECT_EQ(masked(R"({"hunter2hunter22":1,"aHVudGVyMmh1bnRlcjIy":2,"c":3})"),
            R"({"***":1,"c":3})");
}

}  // namespace
}  // namespace ktl
