#include "redact/tokens.h"

#include <gmock/gmock.h>

#include <string>

namespace ktl::redact {
namespace {

// The text with what was found between brackets, and "|" where a token may go on.
std::string shown(std::string text, char before = '\n') {
  std::vector<Range> found;
  const size_t open = scan_tokens(text, before, found);
  if (open < text.size()) {
    text.insert(open, "|");
  }
  for (auto range = found.rbegin(); range != found.rend(); ++range) {
    const size_t bar = open <= range->from ? 1 : 0;
    text.insert(range->to + bar, "]").insert(range->from + bar, "[");
  }
  return text;
}

const std::string kLetters(36, 'a');

TEST(Tokens, AreFoundByTheirBeginningAndLength) {
  EXPECT_EQ(shown("x ghp_" + kLetters + "\n"), "x [ghp_" + kLetters + "]\n");
  EXPECT_EQ(shown("=github_pat_" + kLetters + kLetters + kLetters + "."),
            "=[github_pat_" + kLetters + kLetters + kLetters + "].");
  EXPECT_EQ(shown("glpat-" + kLetters + " npm_" + kLetters + " "),
            "[glpat-" + kLetters + "] [npm_" + kLetters + "] ");
}

TEST(Tokens, AreNoWordsThatLookAlike) {
  for (const std::string& text :
       {std::string("npm_config_cache\n"), "ghp_" + kLetters.substr(1) + "\n",
        "xghp_" + kLetters + "\n", "ghp_" + kLetters.substr(2) + "\n" + kLetters + "\n"}) {
    EXPECT_EQ(shown(text), text);
  }
  EXPECT_EQ(shown("ghp_" + kLetters + "\n", 'x'), "ghp_" + kLetters + "\n");
}

TEST(Tokens, MayGoOn) {
  EXPECT_EQ(shown("x gh"), "x |gh");
  EXPECT_EQ(shown("xgh"), "xgh");
  EXPECT_EQ(shown("x gh\n"), "x gh\n");
  EXPECT_EQ(shown("x ghp_abc"), "x |ghp_abc");
  EXPECT_EQ(shown("ghp_" + kLetters), "|[ghp_" + kLetters + "]");
}

TEST(Tokens, AreFoundAtEveryPlace) {
  for (size_t before = 0; before < 20; ++before) {
    const std::string blank(before, ' ');
    EXPECT_EQ(shown(blank + "hvs." + kLetters + " "), blank + "[hvs." + kLetters + "] ");
  }
}

}  // namespace
}  // namespace ktl::redact
