// Variables, quotes and escapes in Dockerfile words: the lexer of BuildKit's frontend.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/work.h"

namespace ktl::dockerfile {

using Variables = std::map<std::string, std::string, std::less<>>;

struct ExpandOptions {
  bool raw_quotes = false;   // quotes stay in the result
  bool raw_escapes = false;  // escapes stay in the result
  bool skip_unset = false;   // an unknown variable stays as it was written
};

struct Expansion {
  std::string text;                // the whole word, white space kept
  std::vector<std::string> words;  // split at white space outside quotes, after the expansion
  bool complete = true;            // no unknown variable was met
};

// Expands $name and ${name}, with the modifiers :- - :+ + :? ? # ## % %% / and //, takes quotes
// and escapes away and splits into words, as frontend/dockerfile/shell of BuildKit v0.34 does.
//
// Errors: kInvalidArgument for bad syntax, a bad pattern and ${name:?message}; kUnimplemented for a
// variable's name with signs outside ASCII, or with such a sign right behind it; kResourceExhausted
// for over 100 nested ${, a result over 1 MiB, or when this object's work (8 million steps over its
// lifetime) is used up. One thread at a time.
class Expander {
 public:
  // `escape` is the Dockerfile's: backslash or backtick.
  explicit Expander(char escape, ExpandOptions options = {})
      : escape_(escape), options_(options), work_(int64_t{8} << 20U) {}

  Result<Expansion> expand(std::string_view word, const Variables& variables);

 private:
  char escape_;
  ExpandOptions options_;
  Work work_;
};

}  // namespace ktl::dockerfile
