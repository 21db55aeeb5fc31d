#include "base/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace ktl {
namespace {

constexpr size_t kLongestWord = 64;

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the table are enough: the swap looks back two.
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> previous(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(previous.begin(), previous.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, previous);
    std::swap(previous, row);
  }
  return previous[b.size()];
}

std::string suggest(std::string_view word, std::span<const std::string> known) {
  if (word.empty() || word.size() > kLongestWord) {
    return {};
  }
  size_t nearest = std::max<size_t>(1, word.size() / 3) + 1;
  std::string best;
  for (const auto& candidate : known) {
    if (candidate.size() > kLongestWord) {
      continue;
    }
    size_t distance = edit_distance(word, candidate);
    // Nothing of the word left: "-t" is no typing mistake for "-f".
    if (distance < nearest && distance < candidate.size() && distance < word.size()) {
      nearest = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  std::string best = suggest(word, known);
  return best.empty() ? best : "did you mean \"" + best + "\"?";
}

}  // namespace ktl
