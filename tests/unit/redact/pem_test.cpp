#include "redact/pem.h"

#include <gmock/gmock.h>

#include <string>

namespace ktl::redact {
namespace {

// What is left of the text when it comes in pieces of `size` bytes.
std::string left_of(const std::string& text, size_t size = std::string::npos) {
  PemScan scan;
  std::vector<Range> found;
  for (size_t at = 0; at < text.size(); at += std::min(size, text.size() - at)) {
    scan.take(std::string_view(text).substr(at, size), at, found);
  }
  std::string left;
  size_t at = 0;
  for (const Range& range : found) {
    left += text.substr(at, range.from - at);
    at = range.to;
  }
  return left + text.substr(at);
}

constexpr const char* kLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";

std::string key(const std::string& kind, const std::string& lines) {
  return "-----BEGIN " + kind + "-----" + lines + "-----END " + kind + "-----";
}

TEST(Pem, LosesItsBodyInEveryShape) {
  const std::string line = kLine;
  for (const std::string& lines :
       {"\n" + line + "\n" + line + "\nAw==\n", "\r\n" + line + "\r\nAw==\r\n",
        " " + line + " " + line + " Aw== ", "\\n" + line + "\\n" + line + "\\n",
        "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\n" + line + "\nshort\n"}) {
    const std::string text = "a - b\n" + key("RSA PRIVATE KEY", lines) + "\nnext line\n";
    for (size_t size = 1; size < text.size(); ++size) {
      ASSERT_EQ(left_of(text, size), "a - b\n-----BEGIN RSA PRIVATE KEY-----\nnext line\n") << size;
    }
  }
  EXPECT_EQ(left_of(key("PGP PRIVATE KEY BLOCK",
                        "\nVersion: GnuPG v1.4.2.2 (GNU/Linux)\n\n" + line + "\n=abcd\n")),
            "-----BEGIN PGP PRIVATE KEY BLOCK-----");
}

TEST(Pem, LeavesWhatIsPublicOrNoPem) {
  for (const std::string& text :
       {key("CERTIFICATE", std::string("\n") + kLine + "\n"), std::string("-----\n----- BEGIN\n"),
        std::string("-----BEGIN private key-----\n"), std::string("------BEGIN ")}) {
    EXPECT_EQ(left_of(text), text);
  }
}

TEST(Pem, BeginsAfterAnyRowOfDashes) {
  EXPECT_EQ(left_of("---------" + key("PRIVATE KEY", std::string("\n") + kLine + "\n")),
            "--------------BEGIN PRIVATE KEY-----");
}

TEST(Pem, ThatNeverEndsIsOverSoon) {
  const std::string begin = "-----BEGIN PRIVATE KEY-----";
  EXPECT_EQ(left_of(begin + "\nthat was no key\nmore\n"), begin + "\nmore\n");
  EXPECT_EQ(left_of(begin + "\n" + kLine + "\nwhat (is this)\n"), begin + "(is this)\n");
  EXPECT_EQ(left_of(begin + std::string(100000, 'x')).size(), begin.size() + 100000 - 65536);
}

}  // namespace
}  // namespace ktl::redact
