// Sets of code points, as `[...]` and `\d` of a regular expression name them.
#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl::dockerfile {

// Immutable once parsed: any thread.
class CharSet {
 public:
  CharSet() = default;
  static CharSet of(char32_t rune);
  static CharSet all_but(char32_t rune);

  [[nodiscard]] bool has(char32_t rune) const;

  void add(char32_t low, char32_t high) { ranges_.push_back({low, high}); }
  // Adds \d, \D, \s, \S, \w or \W; false when `letter` names none of them.
  bool add_perl(char letter);
  // Adds [:name:], or [:^name:] with its `^`; false when there is no such class.
  bool add_posix(std::string_view name);
  void negate() { negated_ = true; }

 private:
  struct Range {
    char32_t low;
    char32_t high;
  };
  // `pairs` is a sorted list of first and last characters, all ASCII.
  void add_pairs(std::string_view pairs, bool complement);

  std::vector<Range> ranges_;
  bool negated_ = false;
};

// The syntax is that of Go's regexp/syntax with its Perl flags, which BuildKit's matcher uses;
// \p, \P and \Q, which no path needs, are refused. `rest` starts at the `\` or `[` and is moved
// past what was read. Errors are kInvalidArgument.
Result<char32_t> parse_escape(std::string_view& rest);
Result<CharSet> parse_class(std::string_view& rest);

}  // namespace ktl::dockerfile
