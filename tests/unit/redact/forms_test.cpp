#include "redact/forms.h"

#include <gmock/gmock.h>

#include <string>

#include "base/base64.h"

namespace ktl::redact {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::SizeIs;

std::vector<std::string> forms_of(std::string_view value) {
  PatternSet patterns;
  add_forms(value, patterns);
  std::vector<std::string> forms;
  for (size_t i = 0; i < patterns.size(); ++i) {
    forms.emplace_back(patterns[i]);
  }
  return forms;
}

bool holds_one(const std::string& text, const std::vector<std::string>& forms) {
  return std::ranges::any_of(
      forms, [&](const std::string& form) { return text.find(form) != std::string::npos; });
}

TEST(Forms, AreThoseThatEncodersMake) {
  // printf 'pa ss/w%rd~*' | base64, | xxd -p; urllib.parse.quote_plus, encodeURIComponent
  EXPECT_THAT(forms_of("pa ss/w%rd~*"),
              AllOf(Contains("pa ss/w%rd~*"), Contains("cGEgc3MvdyVyZH4q"),
                    Contains("70612073732f772572647e2a"), Contains("70612073732F772572647E2A"),
                    Contains("pa%20ss%2Fw%25rd~%2A"), Contains("pa%20ss%2fw%25rd~%2a"),
                    Contains("pa+ss%2Fw%25rd%7E*"), Contains("pa%20ss/w%25rd~*")));
}

TEST(Forms, FindTheValueInBase64OfWhateverSurroundsIt) {
  const std::string value = "\xfb\xff\xbfhunter2?>~";  // digits 62 and 63
  const auto forms = forms_of(value);
  for (size_t before = 0; before < 6; ++before) {
    for (size_t after = 0; after < 4; ++after) {
      std::string text = base64_encode(std::string(before, 'b') + value + std::string(after, 'a'));
      EXPECT_TRUE(holds_one(text, forms)) << text;
      for (char& c : text) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
      }
      EXPECT_TRUE(holds_one(text, forms)) << text;
    }
  }
}

TEST(Forms, KnowTheValueInJsonAndWithoutItsLineBreaks) {
  EXPECT_THAT(forms_of("first\n\"second\"\x01"),
              AllOf(Contains("first\"second\"\x01"), Contains("first\\n\\\"second\\\"\\u0001")));
}

TEST(Forms, KnowWhatALogMakesOfBytesThatAreNoText) {
  EXPECT_THAT(forms_of("binary\xff\xfe!"), Contains("binary\xef\xbf\xbd\xef\xbf\xbd!"));
}

TEST(Forms, OfPlainWordsAreFewAndNeverShort) {
  const auto forms = forms_of("correcthorse");
  EXPECT_THAT(forms, SizeIs(6));  // itself, two in hexadecimal, three in base64
  EXPECT_THAT(forms_of("8 bytes!"), Each(SizeIs(::testing::Ge(kShortest))));
  EXPECT_THAT(forms_of("7 bytes"), SizeIs(0));
}

TEST(Forms, OfALongValueCoverItWithoutGaps) {
  std::string value;
  for (int i = 0; i < 1000; ++i) {
    value += static_cast<char>('0' + i * 7 % 75);
  }
  const auto forms = forms_of(value);
  const std::string text = "x" + value + "x";
  for (const std::string& whole : {text, base64_encode("x" + text), base64_encode(text)}) {
    std::vector<bool> covered(whole.size(), false);
    for (const std::string& form : forms) {
      for (size_t at = whole.find(form); at != std::string::npos; at = whole.find(form, at + 1)) {
        std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(at), form.size(), true);
      }
    }
    const auto last = std::find(covered.rbegin(), covered.rend(), true).base();
    const auto first = std::find(covered.begin(), covered.end(), true);
    EXPECT_LE(first - covered.begin(), 3);
    EXPECT_LE(covered.end() - last, 4);
    EXPECT_EQ(std::count(first, last, false), 0);
  }
  EXPECT_EQ(pieces_of(value), 8U);
}

TEST(Forms, CountPiecesAsTheyAreMade) {
  EXPECT_EQ(pieces_of(std::string(kPiece, 'x')), 1U);
  EXPECT_EQ(pieces_of(std::string(kPiece + 1, 'x')), 2U);
  EXPECT_EQ(pieces_of(std::string(2 * kPiece - kOverlap, 'x')), 2U);
  EXPECT_EQ(pieces_of(std::string(2 * kPiece - kOverlap + 1, 'x')), 3U);
}

TEST(Forms, TrimmingTakesTheWhiteSpaceAround) {
  EXPECT_EQ(trimmed(" \tse cret\r\n\n"), "se cret");
  EXPECT_EQ(trimmed("\n\n"), "");
}

}  // namespace
}  // namespace ktl::redact
