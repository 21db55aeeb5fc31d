// The regular expressions that ignore patterns become, matched in linear time.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/char_set.h"

namespace ktl::dockerfile {

// Alternatives, each a row of characters, classes, `[...]*`, `.*`, `(.*/)?`, `x{1,2}` and places
// (`^`, `\b`). That is all that BuildKit's matcher makes of a pattern (github.com/moby/
// patternmatcher, compile(): it takes "|", "{" and "}" for themselves only in patterns without
// wildcards). Immutable: any thread.
class PathRegexp {
 public:
  // `expression` as translate_pattern() writes it: between "^" and "$". kInvalidArgument for what
  // Go's regexp package refuses, kResourceExhausted for one that repeats too much.
  static Result<PathRegexp> compile(std::string_view expression);

  // Whether the whole path matches. Costs |path| * |expression| steps at most, whatever both hold;
  // bytes that are no UTF-8 count as U+FFFD.
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  class Parser;
  enum class Kind : uint8_t {
    kOne,           // a character of the set
    kMaybeOne,      // one or none
    kMany,          // any number of them
    kMaybeFolders,  // the start of "(.*/)?": go on, or into the kFolders that follows
    kFolders,       // inside of it: leave with every "/"
    kStart,
    kEnd,
    kBoundary,  // between a word's character and another one
    kNoBoundary,
  };
  struct Atom {
    Kind kind;
    CharSet set = {};
  };
  // Where in the path the matcher stands: the characters before and after, kNone at the ends.
  struct Place {
    char32_t before;
    char32_t after;
  };
  using Row = std::vector<Atom>;  // one alternative
  class States;

  static void enter(const Row& row, size_t atom, Place place, States& states);
  static void step(const Row& row, size_t atom, char32_t rune, Place next, States& states);
  static bool holds(Kind kind, Place place);
  static bool row_matches(const Row& row, std::string_view path);

  std::vector<Row> rows_;
};

}  // namespace ktl::dockerfile
