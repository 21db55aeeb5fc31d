#include "redact/masker.h"

#include <gmock/gmock.h>

#include <random>
#include <string>

#include "base/base64.h"
#include "redact/forms.h"

namespace ktl::redact {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Matcher> values_of(const Texts& values) {
  PatternSet patterns;
  for (const std::string& value : values) {
    add_forms(value, patterns);
  }
  return std::make_shared<const Matcher>(std::move(patterns));
}

std::string wrapped(const std::string& text, size_t width, const std::string& line_break) {
  std::string out;
  for (size_t at = 0; at < text.size(); at += width) {
    out += (at == 0 ? "" : line_break) + text.substr(at, width);
  }
  return out;
}

std::string hex(const std::string& text, const char* digits) {
  std::string out;
  for (char c : text) {
    out += digits[static_cast<uint8_t>(c) >> 4U];
    out += digits[static_cast<uint8_t>(c) & 15U];
  }
  return out;
}

std::string url_of(const std::string& text, const char* digits) {
  std::string out;
  for (char c : text) {
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? std::string(1, c)
                                                            : "%" + hex(std::string(1, c), digits);
  }
  return out;
}

std::string whole(Masker& masker, const std::string& text) {
  std::string out;
  return masker.mask(text, out) ? out : text;
}

std::string in_pieces(Masker& masker, const Texts& pieces) {
  Stream stream;
  std::string out;
  for (const std::string& piece : pieces) {
    if (!masker.feed(stream, piece, out)) {
      out += piece;
    }
  }
  masker.end(stream, out);
  return out;
}

constexpr const char* kValue = "s3cr=t/P4ss w?rd";

// Every way in which a value of the test below is printed.
Texts ways(const std::string& value) {
  Texts all = {value, hex(value, "0123456789abcdef"), hex(value, "0123456789ABCDEF"),
               url_of(value, "0123456789abcdef"), url_of(value, "0123456789ABCDEF")};
  for (size_t lead = 0; lead < 3; ++lead) {
    all.push_back(base64_encode(std::string(lead, 'x') + value + "yz"));
    all.push_back(all.back());
    for (char& c : all.back()) {
      c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    all.push_back(wrapped(all[all.size() - 2], 5, "\n"));
    all.push_back(wrapped(all[all.size() - 3], 7, "\r\n"));
  }
  return all;
}

TEST(Masker, MasksEveryEncodingAtEverySplit) {
  Masker masker;
  masker.use(values_of({kValue}));
  for (const std::string& way : ways(kValue)) {
    const std::string text = "before " + way + " after";
    const std::string masked = whole(masker, text);
    EXPECT_THAT(masked, ::testing::MatchesRegex("before .{0,3}\\*\\*\\*[^*]{0,7} after")) << way;
    for (size_t first = 0; first <= text.size(); ++first) {
      if (first > 0 && text[first - 1] == '\n') {
        continue;  // may let go of three bytes: DoesNotKeepALineWaitingForALetter
      }
      ASSERT_EQ(in_pieces(masker, {text.substr(0, first), text.substr(first)}), masked)
          << way << " at " << first;
      for (size_t second = first; second <= text.size(); second += 3) {
        if (second > 0 && text[second - 1] == '\n') {
          continue;
        }
        ASSERT_EQ(in_pieces(masker, {text.substr(0, first), text.substr(first, second - first),
                                     text.substr(second)}),
                  masked);
      }
    }
    Texts letters;
    for (char c : text) {
      if (!letters.empty() && letters.back().back() == '\n') {
        letters.back() += c;
      } else {
        letters.emplace_back(1, c);
      }
    }
    EXPECT_EQ(in_pieces(masker, letters), masked) << way;
  }
}

TEST(Masker, HoldsBackNothingButTheBeginningOfASecret) {
  Masker masker;
  masker.use(values_of({kValue}));
  Stream stream;
  std::string out;
  EXPECT_FALSE(masker.feed(stream, "all clear\n", out));
  EXPECT_TRUE(stream.fresh());
  EXPECT_TRUE(masker.feed(stream, "clear s3cr", out));
  EXPECT_EQ(out, "clear ");
  EXPECT_TRUE(masker.feed(stream, "ets", out));
  EXPECT_EQ(out, "clear s3cret");  // the last letter may begin one
  masker.end(stream, out);
  EXPECT_EQ(out, "clear s3crets");
  EXPECT_TRUE(stream.fresh());
}

TEST(Masker, DoesNotKeepALineWaitingForALetter) {
  Masker masker;
  masker.use(values_of({kValue}));
  Stream stream;
  std::string out;
  EXPECT_FALSE(masker.feed(stream, "passes\n", out));  // goes as it is
  EXPECT_FALSE(stream.fresh());
  EXPECT_TRUE(masker.feed(stream, "3cr=t/P4ss w?rd!\n", out));  // and yet it goes on
  EXPECT_EQ(out, "***!\n");
  out.clear();
  EXPECT_TRUE(masker.feed(stream, "s3cr\n", out));
  EXPECT_EQ(out, "");
  masker.end(stream, out);
  EXPECT_EQ(out, "s3cr\n");
}

TEST(Masker, MakesOneMaskOfSecretsThatTouch) {
  Masker masker;
  masker.use(values_of({"abcabcab", "01234567"}));
  EXPECT_EQ(whole(masker, "x abcabcabcabcab0123456701234567 y"), "x *** y");
  EXPECT_EQ(in_pieces(masker, {"x abcabcab", "cabcab", "01234567", "01234567", " y"}), "x *** y");
  EXPECT_EQ(whole(masker, "abcabcab\n01234567\n"), "***\n***\n");
}

TEST(Masker, MasksWhatHasTheFormOfASecretWithoutKnowingIt) {
  Masker masker;
  const std::string token = "ghp_" + std::string(36, 'A');
  const std::string key = std::string("-----BEGIN PRIVATE KEY-----\n") + std::string(64, 'M') +
                          "\n" + std::string(64, 'M') + "\n-----END PRIVATE KEY-----\n";
  const std::string text = "token=" + token + "\n" + key + "end\n";
  const std::string masked = "token=***\n-----BEGIN PRIVATE KEY-----***\nend\n";
  EXPECT_EQ(whole(masker, text), masked);
  for (size_t first = 0; first <= text.size(); ++first) {
    EXPECT_EQ(in_pieces(masker, {text.substr(0, first), text.substr(first)}), masked) << first;
  }
}

TEST(Masker, FindsValuesAddedWhileATextIsUnderWay) {
  Masker masker;
  Stream stream;
  std::string out;
  EXPECT_FALSE(masker.feed(stream, "first ", out));
  masker.use(values_of({kValue}));
  EXPECT_TRUE(masker.feed(stream, std::string(kValue) + ".", out));
  EXPECT_EQ(out, "***.");
}

TEST(Masker, DoesNotHoldMoreThanItsBound) {
  Masker masker;
  masker.use(values_of({"paragraph\n\nparagraph"}));
  Stream stream;
  std::string out;
  for (int i = 0; i < 100; ++i) {
    const std::string piece = i == 0 ? "paragraph" : std::string(1000, '\n');
    if (!masker.feed(stream, piece, out)) {
      out += piece;
    }
  }
  EXPECT_GT(out.size(), 90000U);
}

// Masks what the forms' every occurrence covers, byte by byte, in the text without line breaks.
std::string naive(const PatternSet& patterns, const std::string& text) {
  Unwrapped unwrapped;
  unwrapped.assign(text);
  std::vector<bool> secret(text.size(), false);
  for (size_t i = 0; i < patterns.size(); ++i) {
    for (size_t at = unwrapped.text().find(patterns[i]); at != std::string_view::npos;
         at = unwrapped.text().find(patterns[i], at + 1)) {
      const size_t last = unwrapped.original(at + patterns[i].size() - 1);
      std::fill(secret.begin() + static_cast<std::ptrdiff_t>(unwrapped.original(at)),
                secret.begin() + static_cast<std::ptrdiff_t>(last) + 1, true);
    }
  }
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!secret[i]) {
      out += text[i];
    } else if (i == 0 || !secret[i - 1]) {
      out += "***";
    }
  }
  return out;
}

// Random texts made of parts of secrets, cut at random. Seeded: a failure comes again.
TEST(Masker, AgreesWithTheNaiveWayOnRandomTexts) {
  std::mt19937 random(20261123);
  auto letters = [&](size_t size) {
    std::string text(size, ' ');
    std::ranges::generate(text, [&] { return "abc/?\xc3"[random() % 6]; });
    return text;
  };
  for (int round = 0; round < 400; ++round) {
    Texts values(1 + random() % 5);
    std::ranges::generate(values, [&] { return letters(8 + random() % 150); });
    PatternSet patterns;
    std::ranges::for_each(values, [&](const std::string& v) { add_forms(v, patterns); });
    Masker masker;
    masker.use(std::make_shared<const Matcher>(patterns));
    std::string text;
    while (text.size() < 600) {
      const Texts all = ways(values[random() % values.size()]);
      const std::string& way = all[random() % all.size()];
      const size_t from = random() % 3 == 0 ? random() % way.size() : 0;
      text += way.substr(from, random() % 4 == 0 ? random() % way.size() : way.size());
      text += random() % 2 == 0 ? letters(random() % 10) : "\n";
    }
    text += ".";
    const std::string expected = naive(patterns, text);
    ASSERT_EQ(whole(masker, text), expected);
    Texts pieces;
    for (size_t at = 0; at < text.size();) {
      size_t size = 1 + random() % (random() % 2 == 0 ? 3 : 200);
      // A piece that ends a line may let go of up to three bytes; that has a test of its own.
      while (at + size < text.size() && text[at + size - 1] == '\n') {
        ++size;
      }
      pieces.push_back(text.substr(at, size));
      at += size;
    }
    ASSERT_EQ(in_pieces(masker, pieces), expected);
  }
}

}  // namespace
}  // namespace ktl::redact
