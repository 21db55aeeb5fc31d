#include "secrets/keywords.h"

#include <gtest/gtest.h>

#include <random>

namespace ktl::secrets {
namespace {

using Hits = std::vector<std::pair<size_t, uint32_t>>;

Hits hits(const Keywords& keywords, std::string_view text, size_t from, size_t to) {
  Hits hits;
  keywords.find(text, from, to, [&](size_t at, uint32_t word) { hits.emplace_back(at, word); });
  return hits;
}

TEST(KeywordsTest, FindsWordsInAnyCase) {
  const Keywords keywords({"token", "AKIA", "tokens"});
  EXPECT_EQ(hits(keywords, "my TOKENs akia", 0, 14), (Hits{{3, 0}, {3, 2}, {10, 1}}));
}

TEST(KeywordsTest, StaysWithinItsPart) {
  const Keywords keywords({"token"});
  EXPECT_EQ(hits(keywords, "token token token", 1, 12), (Hits{{6, 0}}));
  EXPECT_TRUE(hits(keywords, "toke", 0, 4).empty());
  EXPECT_TRUE(hits(keywords, "tok", 0, 3).empty());
}

TEST(KeywordsTest, AgreesWithASimpleSearch) {
  const std::vector<std::string> words{"abab", "babab", "aaaaaa", "bbbb"};
  const Keywords keywords(words);
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 64; i > 0; --i) {
      text += random() % 2 == 0 ? 'a' : 'b';
    }
    Hits wanted;
    for (size_t at = 0; at < text.size(); ++at) {
      for (uint32_t word = 0; word < words.size(); ++word) {
        if (text.compare(at, words[word].size(), words[word]) == 0) {
          wanted.emplace_back(at, word);
        }
      }
    }
    EXPECT_EQ(hits(keywords, text, 0, text.size()), wanted) << text;
  }
}

}  // namespace
}  // namespace ktl::secrets
