#include "redact/matcher.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <string>
#include <tuple>

namespace ktl::redact {

bool operator==(const Range& a, const Range& b) { return a.from == b.from && a.to == b.to; }

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

Matcher matcher_of(const std::vector<std::string>& patterns) {
  PatternSet set;
  for (const std::string& pattern : patterns) {
    set.add(pattern, 0);
  }
  return Matcher(std::move(set));
}

TEST(Matcher, FindsEveryPlaceOfEveryPattern) {
  const Matcher matcher = matcher_of({"password", "wordplay!", "abcabcab"});
  std::vector<Range> found;
  EXPECT_EQ(matcher.scan("password play, passwordplay!, abcabcabcab.", found), 42U);
  std::ranges::sort(found, {}, &Range::from);
  EXPECT_THAT(found,
              ElementsAre(Range{0, 8}, Range{15, 23}, Range{19, 28}, Range{30, 38}, Range{33, 41}));
}

TEST(Matcher, SaysWhereAPatternMayHaveBegun) {
  const Matcher matcher = matcher_of({"password", "assembly line"});
  std::vector<Range> found;
  for (const auto& [text, open] : {std::tuple{"p", 0U},
                                   {"xx pass", 3U},
                                   {"xx passe", 4U},
                                   {"x assembly lin", 2U},
                                   {"pas", 0U},
                                   {"pa assembly", 3U},
                                   {"", 0U},
                                   {"passwor", 0U},
                                   {"passworda", 8U}}) {
    EXPECT_EQ(matcher.scan(text, found), open) << text;
  }
}

TEST(Matcher, OfNothingFindsNothing) {
  std::vector<Range> found;
  EXPECT_EQ(Matcher(PatternSet()).scan("some text that is long enough", found), 29U);
  EXPECT_THAT(found, IsEmpty());
}

// Against the obvious way, with an alphabet of three letters so that much fits nearly.
TEST(Matcher, AgreesWithComparingEverywhere) {
  std::mt19937 random(7);
  auto word = [&](size_t size) {
    std::string text(size, ' ');
    std::ranges::generate(text, [&] { return "ab\n"[random() % 3]; });
    return text;
  };
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> patterns(1 + random() % 20);
    std::ranges::generate(patterns, [&] { return word(kShortest + random() % 8); });
    std::ranges::sort(patterns);
    patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
    const std::string text = word(random() % 60);
    std::vector<Range> expected;
    size_t open = text.size();
    for (const std::string& pattern : patterns) {
      for (size_t from = 0; from < text.size(); ++from) {
        if (text.compare(from, pattern.size(), pattern) == 0) {
          expected.push_back({from, from + pattern.size()});
        } else if (pattern.starts_with(text.substr(from))) {
          open = std::min(open, from);
        }
      }
    }
    std::vector<Range> found;
    ASSERT_EQ(matcher_of(patterns).scan(text, found), open);
    ASSERT_THAT(found, UnorderedElementsAreArray(expected));
  }
}

}  // namespace
}  // namespace ktl::redact
