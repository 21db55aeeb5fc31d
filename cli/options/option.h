// What one command line flag is: a row of a table, never code.
#pragma once

#include <string>
#include <vector>

namespace ktl::cli {

// Whether a value follows. An optional one is given with "=" only ("--oci=DIR"); kNone still takes
// "=true" and "=false", as docker's flags do.
enum class Value { kNone, kOptional, kRequired };

// How the words given become the value in the request (request/convert.h has one function each).
enum class Shape {
  kBool,     // true or false
  kText,     // the last word
  kPath,     // the last word, made absolute
  kInt,      // the last word, a decimal number
  kBytes,    // the last word, a size: "64m"
  kCall,     // see request/convert_inputs.h
  kWords,    // a list: every word, split at commas
  kList,     // a list: every word as it is
  kArgs,     // a map: "K=V", or "K" taken from the environment
  kLabels,   // a map: "K=V", or "K" for an empty value
  kSecrets,  // see request/secrets.h
  kSsh,      // see request/secrets.h
  kHosts,    // these three: see request/convert_limits.h
  kUlimits,
  kResources,
  kAnnotations,  // these two: see request/convert_inputs.h
  kContexts,
  kCacheFrom,  // these three: see request/convert_entries.h
  kCacheTo,
  kOutputs,
  kBuilders,  // one text: every word on a line of its own
  kPlaces,    // a list: paths made absolute, URLs as they are
};

// One flag of one command. `field` is the member of ktl.request/1 that it fills; empty when the
// command itself reads it. `plugin` is the id of the plugin whose manifest contributed the flag,
// empty for ktl's own; such a flag fills request.options.<plugin>.<name>.
struct Option {
  std::string name;
  char letter = 0;
  Value value = Value::kNone;
  Shape shape = Shape::kBool;
  std::string group;
  std::string operand;  // what help calls the value: "FILE"
  std::string help;
  std::string field;
  std::vector<std::string> choices = {};  // the only words allowed; empty: any
  std::vector<std::string> aliases = {};  // other long names
  std::string implicit = {};              // the value of an optional one given without "="
  std::string plugin = {};
  bool built = true;          // false: known from the documents, exit 2 "not built yet"
  std::string obstacle = {};  // why that is so, where ktl alone cannot change it
};

// Several words may be given, by repeating the flag or one a line in the environment.
inline bool repeatable(const Option& option) { return option.shape >= Shape::kWords; }

// Of words for the same key the strongest source's counts, other keys stay.
inline bool is_map(const Option& option) {
  return option.shape == Shape::kArgs || option.shape == Shape::kLabels ||
         option.shape == Shape::kResources || option.shape == Shape::kAnnotations ||
         option.shape == Shape::kContexts;
}

}  // namespace ktl::cli
