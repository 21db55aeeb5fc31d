// value.h: what programs assign to variables.
#include <algorithm>
#include <array>
#include <bitset>
#include <cctype>
#include <string_view>

#include "secrets/value.h"

namespace ktl::secrets {
namespace {

// The pairs of letters that make up about four fifths of English text and of names in programs.
constexpr std::string_view kPairs =
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve "
    "co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur us ec tr ct et ut ns di ta pe ge em "
    "wh ho ac ad ag am ap av ay ba bl bo br bu ca ck cl cr cu da do dr ee ef el ep ev ex fa fe fi "
    "fo fr ft fu ga gi gr id ie if ig il im ir iv ke ki la ld lo ls lt ly mb mi mo mp na nc nf ni "
    "nk no nu ob oc od og ok ol oo op os ot ov ow pa pi pl po pp pr pt pu qu rc rd rg rk rm rn rs "
    "rt ru ry sa sc sh sk so sp ss su sw sy tc ts tt tu ty ub ue ul um un up va vi wa we wi wo wr "
    "xt yp au";

constexpr int kLetters = 26;
using Pairs = std::array<bool, kLetters * kLetters>;

constexpr Pairs common_pairs() {
  Pairs pairs{};
  for (size_t i = 0; i + 1 < kPairs.size(); i += 3) {
    pairs[static_cast<size_t>((kPairs[i] - 'a') * kLetters + kPairs[i + 1] - 'a')] = true;
  }
  return pairs;
}

constexpr Pairs kCommon = common_pairs();

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The share of neighbouring letters that are as in words: 0.8 in English, 0.3 in random text.
double wordiness(std::string_view value) {
  int pairs = 0;
  int common = 0;
  for (size_t i = 0; i + 1 < value.size(); ++i) {
    if (is_letter(value[i]) && is_letter(value[i + 1])) {
      ++pairs;
      common += kCommon[static_cast<size_t>(((value[i] | 32) - 'a') * kLetters +
                                            (value[i + 1] | 32) - 'a')];
    }
  }
  return pairs < 4 ? 0 : static_cast<double>(common) / pairs;
}

// The times a digit stands beside a letter: few in names ("sha256"), many in random text.
int digit_edges(std::string_view value) {
  int edges = 0;
  for (size_t i = 0; i + 1 < value.size(); ++i) {
    edges += (is_digit(value[i]) && is_letter(value[i + 1])) ||
             (is_letter(value[i]) && is_digit(value[i + 1]));
  }
  return edges;
}

bool is_path_or_address(std::string_view value) {
  return value.starts_with("/") || value.starts_with("./") || value.starts_with("../") ||
         value.starts_with("~/") || value.find("://") != std::string_view::npos ||
         std::count(value.begin(), value.end(), '/') > 3;
}

bool is_call(std::string_view value) {
  return value.find_first_of("()[]{}<>,;\\ \t") != std::string_view::npos ||
         value.find("::") != std::string_view::npos || value.find("->") != std::string_view::npos;
}

}  // namespace

bool is_code(std::string_view value) {
  const bool digits = std::any_of(value.begin(), value.end(), is_digit);
  const bool letters = std::any_of(value.begin(), value.end(), is_letter);
  if (!digits || !letters || is_path_or_address(value) || is_call(value)) {
    return true;
  }
  return digit_edges(value) < 3 && wordiness(value) > 0.45;
}

}  // namespace ktl::secrets
