// What was asked for, by option, and who asked: the first of flag, environment and project file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/environment.h"
#include "cli/options/parse.h"

namespace ktl::cli {

// The words given for one option and where: "flag", "env NAME" or "FILE:LINE:COL".
struct Setting {
  std::vector<std::string> words;
  std::string origin;
};

// By option name; an option that nobody set is absent.
using Settings = std::map<std::string, Setting>;

// Precedence: flag, environment, project file. Lists and single values replace each other; of maps
// (build arguments, labels) each key is decided by itself. Every word is checked whoever gave it:
// an invalid one is kInvalidArgument naming its origin, as is a variable of an option that is not
// built yet. `project`: what the project file sets, by option name.
Result<Settings> gather(const FlagSet& flags, const Parsed& parsed, const Environment& environment,
                        const Settings& project);

// The single value of an option, the last word given; `fallback` when nobody set it.
std::string word_of(const Settings& settings, const std::string& name,
                    std::string_view fallback = {});
bool flag_of(const Settings& settings, const std::string& name);

}  // namespace ktl::cli
