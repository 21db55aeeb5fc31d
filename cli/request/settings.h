// What was asked for, by option, and who asked: flag, environment, profile or file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/environment.h"
#include "cli/options/parse.h"

namespace ktl::cli {

// The words given for one option and where: "flag", "env NAME", "profile NAME" or "FILE:LINE:COL".
// `origins`: of each word, where words of several origins make one map; empty: all are `origin`'s.
struct Setting {
  std::vector<std::string> words;
  std::string origin;
  std::vector<std::string> origins = {};
};

// By option name; an option that nobody set is absent.
using Settings = std::map<std::string, Setting>;

// What files, profiles and --set say (layers.h).
struct Layers {
  Settings below;              // weaker than environment and flags
  Settings above;              // stronger than both
  bool for_one_result = true;  // whether environment and flags of one result count (results.h)
};

// `stronger` over what `into` has: lists and single values replace each other.
void overlay(const Option& option, Setting stronger, Settings& into);

// Precedence: layers.above, flag, environment, layers.below. Every word is checked whoever gave it:
// an invalid one is kInvalidArgument naming its origin, as is a variable of an option that is not
// built yet.
Result<Settings> gather(const FlagSet& flags, const Parsed& parsed, const Environment& environment,
                        const Layers& layers);

// The single value of an option, the last word given; `fallback` when nobody set it.
std::string word_of(const Settings& settings, const std::string& name,
                    std::string_view fallback = {});
bool flag_of(const Settings& settings, const std::string& name);

}  // namespace ktl::cli
