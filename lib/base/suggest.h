// "Did you mean": the known word closest to one that is not known.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace ktl {

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, counted in
// bytes: the optimal string alignment distance of Damerau and Levenshtein. Costs |a| * |b| steps.
size_t edit_distance(std::string_view a, std::string_view b);

// The word of `known` that `word` most likely stands for, empty when none is near: at most a third
// of the letters may differ (one in short words). Equal distances: the first in `known` wins.
// Words over 64 bytes are no typing mistakes and get no suggestion.
std::string suggest(std::string_view word, std::span<const std::string> known);

// The advice for Status::advise: `did you mean "push"?`, empty when there is no suggestion.
std::string did_you_mean(std::string_view word, std::span<const std::string> known);

}  // namespace ktl
