#include "base/base64.h"

#include <gtest/gtest.h>

namespace ktl {
namespace {

TEST(Base64, SpeaksTheVectorsOfTheRfc) {
  const std::pair<const char*, const char*> kCases[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"},
                                                        {"\xfb\xff", "+/8="}};
  for (const auto& [bytes, text] : kCases) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(*base64_decode(text), bytes);
  }
}

TEST(Base64, ReadsTextWithoutPadding) { EXPECT_EQ(*base64_decode("Zm9vYg"), "foob"); }

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"Z", "Zg=", "Zg===", "Zm9v Yg==", "Zg==Zg==", "Zm-_", "=", "Zm9v\n"}) {
    EXPECT_FALSE(base64_decode(text).ok()) << text;
  }
}

}  // namespace
}  // namespace ktl
