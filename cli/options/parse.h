// Words of a command line into flags and operands, by the table and nothing else.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/options/flag_set.h"

namespace ktl::cli {

// One flag as it was given, in order. `value` is the implicit one when none was given.
struct Given {
  const Option* option = nullptr;  // owned by the FlagSet
  std::string value;
};

struct Parsed {
  std::vector<Given> flags;
  std::vector<std::string> words;  // what is no flag; everything after "--"
  bool help = false;               // -h or --help was among them
};

constexpr size_t kMaxWords = 10'000;  // more than anybody types

// kInvalidArgument for: unknown flags (with a suggestion), a missing or superfluous value, a flag
// that is not built yet, a word outside `choices`, newlines or invalid UTF-8. No abbreviations; an
// optional value only with "=".
Result<Parsed> parse_flags(const FlagSet& flags, const std::vector<std::string>& args);

// The same, leaving aside every flag that `flags` does not know: for a first look.
Result<Parsed> parse_known_flags(const FlagSet& flags, const std::vector<std::string>& args);

}  // namespace ktl::cli
