// Reads a --secrets-config file (docs/secrets.md). Within lib/secrets only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "secrets/rule.h"

namespace ktl::secrets {

struct AllowEntry {
  std::string rule, path, hash, regex, reason;
  int64_t expires = 0;  // seconds since 1970; 0: never
  std::string place;    // file:line:col
};

// What rules find and leave, as texts with {kind:length} for what is random (samples.h).
struct Samples {
  std::string rule;
  std::vector<std::string> positive, negative;
  std::string path;   // of the file that they stand in, for rules that are for certain files
  std::string place;  // file:line:col
};

struct RuleFile {
  std::vector<Rule> rules;  // those it was given, changed and added to
  std::vector<AllowEntry> allow;
  std::vector<Samples> samples;
  std::string hash_key;
};

// Applies the file to `rules`. kInvalidArgument with file:line:col for whatever is not understood:
// fields that do not exist, an expression that RE2 refuses, a rule that could not find anything.
Result<RuleFile> read_rule_file(std::string_view text, std::string_view file,
                                std::vector<Rule> rules);

}  // namespace ktl::secrets
