#include "session/wire.h"

#include <gtest/gtest.h>

namespace ktl::solver {
namespace {

TEST(Wire, FrameHeaderIsFlagAndBigEndianSize) {
  std::string out;
  append_frame_header(out, 0x01020304);
  EXPECT_EQ(out, std::string_view("\0\1\2\3\4", 5));
}

TEST(Wire, PercentEncodingKeepsPrintableAscii) {
  EXPECT_EQ(percent_encode("a b~%\n\x7f\xff"), "a b~%25%0A%7F%FF");
}

TEST(Wire, UrlDecodingKeepsBrokenEscapes) {
  EXPECT_EQ(url_decode("a+b%2fc%C3%A9"), "a b/c\xc3\xa9");
  EXPECT_EQ(url_decode("%"), "%");
  EXPECT_EQ(url_decode("%4"), "%4");
  EXPECT_EQ(url_decode("%zz%41"), "%zzA");
}

TEST(MessageReader, CutsByteByByteAndAllAtOnce) {
  std::string stream;
  for (std::string_view message : {"", "x", "hello"}) {
    append_frame_header(stream, message.size());
    stream += message;
  }
  MessageReader whole;
  ASSERT_TRUE(whole.feed(stream).ok());
  MessageReader bytewise;
  for (char byte : stream) {
    ASSERT_TRUE(bytewise.feed({&byte, 1}).ok());
  }
  for (MessageReader* reader : {&whole, &bytewise}) {
    for (std::string_view message : {"", "x", "hello"}) {
      ASSERT_TRUE(reader->has_message());
      EXPECT_EQ(reader->pop(), message);
    }
    EXPECT_FALSE(reader->has_message());
  }
}

TEST(MessageReader, RefusesLargeAndCompressedMessagesAtTheirHeader) {
  MessageReader large;
  EXPECT_EQ(large.feed(std::string_view("\0\1\0\0\1", 5)).code(), Code::kResourceExhausted);
  MessageReader largest;
  EXPECT_TRUE(largest.feed(std::string_view("\0\1\0\0\0", 5)).ok());
  MessageReader packed;
  EXPECT_EQ(packed.feed(std::string_view("\1\0\0\0\0", 5)).code(), Code::kUnimplemented);
}

}  // namespace
}  // namespace ktl::solver
