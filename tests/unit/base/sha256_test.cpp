#include "base/sha256.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace ktl {
namespace {

// FIPS 180-4 example values.
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Sha256, KnowsTheStandardsExamples) {
  EXPECT_EQ(sha256_hex(""), kEmpty);
  EXPECT_EQ(digest_of("abc"), std::string("sha256:") + kAbc);
}

TEST(Sha256, PiecesMakeTheSameHash) {
  Sha256 hash;
  hash.update("a");
  hash.update("");
  hash.update("bc");
  EXPECT_EQ(hash.hex(), kAbc);
}

TEST(Sha256, HashesAFileFromItsStartAndKeepsThePosition) {
  std::FILE* file = std::tmpfile();
  std::fputs("abc", file);
  std::fflush(file);
  EXPECT_EQ(*sha256_hex_of_fd(fileno(file)), kAbc);
  EXPECT_EQ(std::ftell(file), 3);
  std::fclose(file);
}

TEST(Sha256, OnlyOneFormIsADigest) {
  const std::string good = std::string("sha256:") + kAbc;
  EXPECT_TRUE(is_digest(good));
  EXPECT_FALSE(is_digest(kAbc));
  EXPECT_FALSE(is_digest(good + "0"));
  EXPECT_FALSE(is_digest("sha256:" + std::string(64, 'A')));
  EXPECT_FALSE(is_digest("sha512:" + std::string(64, 'a')));
  EXPECT_FALSE(is_digest("sha256:../" + std::string(61, 'a')));
}

}  // namespace
}  // namespace ktl
