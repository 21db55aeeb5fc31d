// What a secret looks like, as data: lib/secrets/rules/*.yaml and a user's --secrets-config.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ktl::secrets {

// kBlock stops a build in block mode and makes `ktl secrets scan` end with 4; kWarn is only told.
enum class Severity : uint8_t { kWarn, kBlock };

// What a value has to be, besides matching the expression (value.h).
enum class Check : uint8_t {
  kNone,         // anything
  kPlaceholder,  // no documentation's example and no stand-in
  kAssigned,     // also nothing that programs assign to a variable: words, calls, paths, numbers
};

// One rule. A rule without `regex` finds a file by its path alone.
struct Rule {
  std::string id;           // lower case, digits, dashes
  std::string description;  // what was found, for people: "GitHub personal access token"
  std::string fix;          // what to do about it, a sentence
  Severity severity = Severity::kBlock;
  std::vector<std::string> keywords;  // one of them stands where a match is looked for; any case
  std::string regex;                  // RE2; group 1, if there is one, is the value
  double entropy = 0;                 // the value's least Shannon entropy, bits a character
  uint32_t before = 256;  // bytes; how far before its keyword a match may begin, 0: with it
  bool word = false;      // no letter or digit stands before the match
  Check check = Check::kPlaceholder;
  std::string path;  // RE2 over the whole path: the rule is for such files only

  bool operator==(const Rule&) const = default;
};

std::string_view severity_name(Severity severity);  // "warn", "block"

}  // namespace ktl::secrets
