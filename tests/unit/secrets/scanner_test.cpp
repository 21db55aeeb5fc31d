#include "secrets/scanner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>

#include "base/base64.h"
#include "secrets/samples.h"

namespace ktl::secrets {
namespace {

const Rules& rules() {
  static const Rules kRules = *Rules::load();
  return kRules;
}

const std::string& token() {
  static const std::string kToken = sample_text("ghp_{alnum:36}", 3);
  return kToken;
}

std::string written(const Match& match) {
  return match.rule->id + "@" + std::to_string(match.offset) + "+" + std::to_string(match.length) +
         ":" + std::to_string(match.line) + ":" + std::to_string(match.column) + " " +
         std::string(decoding_name(match.decoded_by)) + " " + match.masked;
}

// Fed in chunks that end at `cuts`.
std::vector<std::string> scan(std::string_view text, const std::vector<size_t>& cuts = {},
                              std::string_view path = {}) {
  std::vector<std::string> found;
  Scanner scanner(rules(), [&](const Match& match) { found.push_back(written(match)); });
  scanner.begin(path);
  size_t at = 0;
  for (size_t cut : cuts) {
    scanner.feed(text.substr(at, cut - at));
    at = cut;
  }
  scanner.feed(text.substr(at));
  scanner.finish();
  return found;
}

std::string hex_of(std::string_view text) {
  std::string hex;
  for (unsigned char c : text) {
    hex += "0123456789abcdef"[c >> 4U];
    hex += "0123456789abcdef"[c & 15U];
  }
  return hex;
}

std::string gzip_of(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(ScannerTest, TellsRulePlaceAndAMaskedForm) {
  EXPECT_EQ(scan("a\nb " + token() + "\n"),
            std::vector<std::string>{"github-pat@4+40:2:3 none ghp_..."});
}

TEST(ScannerTest, NoSeamHidesAnything) {
  const std::string text = "x=1\n" + token() + "\nk: " + base64_encode("my " + token()) +
                           "\nh: " + hex_of(token()) + "\nu: a%20" + token() + "\n" +
                           sample_text("-----BEGIN RSA PRIVATE KEY-----\n{base64:64}\n", 1);
  const auto whole = scan(text);
  EXPECT_EQ(whole.size(), 5U) << testing::PrintToString(whole);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(scan(text, {cut}), whole) << cut;
  }
  std::vector<size_t> every;
  for (size_t cut = 0; cut < text.size(); ++cut) {
    every.push_back(cut);
  }
  EXPECT_EQ(scan(text, every), whole);
}

TEST(ScannerTest, NoSeamOfABlockHidesAnything) {
  for (const std::string& secret : {token(), base64_encode("my " + token()), hex_of(token())}) {
    for (size_t at = 262'000; at < 267'000; at += 211) {
      EXPECT_EQ(scan(std::string(at, '.') + " " + secret + " ").size(), 1U) << at;
    }
  }
}

TEST(ScannerTest, ReadsWhatIsEncoded) {
  const std::string gzip = gzip_of("a\n" + token());
  EXPECT_THAT(scan(gzip), testing::ElementsAre(testing::HasSubstr("2:1 gzip ghp_...")));
  EXPECT_EQ(scan(gzip, {1}), scan(gzip));
  EXPECT_THAT(scan(base64_encode(std::string(200, '.') + token())),
              testing::ElementsAre(testing::HasSubstr("base64")));
  std::string wrapped = base64_encode(std::string(45, '.') + token() + std::string(60, '.'));
  for (size_t at = 76; at < wrapped.size(); at += 79) {
    wrapped.insert(at, "\n  ");
  }
  EXPECT_THAT(scan(wrapped), testing::ElementsAre(testing::HasSubstr("base64")));
}

TEST(ScannerTest, SaysWhatItDidNotRead) {
  std::vector<std::string> found;
  Scanner scanner(rules(), [&](const Match& match) { found.push_back(written(match)); },
                  {.unpacked = 1000, .matches = 2});
  scanner.feed(gzip_of(std::string(100'000, 'a')));
  scanner.finish();
  EXPECT_EQ(scanner.what_was_not_scanned().size(), 2U);
  scanner.begin("");
  for (int i = 0; i < 5; ++i) {
    scanner.feed(token() + "\n");
  }
  scanner.finish();
  EXPECT_EQ(found.size(), 2U);
  EXPECT_THAT(scanner.what_was_not_scanned(),
              testing::ElementsAre("3 more findings are not listed"));
}

TEST(ScannerTest, RulesForCertainFilesAreForThoseOnly) {
  const std::string text = sample_text("//r/:_auth={alnum:12}", 4);
  EXPECT_EQ(scan(text, {}, "a/.npmrc").size(), 1U);
  EXPECT_TRUE(scan(text, {}, "a/readme").empty());
  EXPECT_TRUE(scan(text).empty());
}

TEST(ScannerTest, WordsMayBeginAfterAnEscape) {
  EXPECT_EQ(scan("\"x\\n" + token() + "\"").size(), 1U);
  EXPECT_TRUE(scan("xn" + token()).empty());
}

TEST(ScannerTest, TakesAnyBytes) {
  std::mt19937 random(5);
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) {
    bytes += static_cast<char>(random());
  }
  bytes.replace(1000, 42, " " + token() + " ");
  EXPECT_EQ(scan(bytes).size(), 1U);
}

}  // namespace
}  // namespace ktl::secrets
