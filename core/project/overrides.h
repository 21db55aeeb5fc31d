// --set TARGET.KEY=VALUE: one value of ktl.yaml, for this run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/project/source.h"

namespace ktl {

// One --set; `directory` is where relative paths in it start.
struct Override {
  std::string text;  // "api.platforms=linux/amd64,linux/arm64", "*.args.VERSION=1.10"
  std::string directory;
};

// Puts every override into `document` and notes it in `overridden`. The schema of a target says
// what a value is: lists are split at commas (a second --set of the same list adds to it), `args`
// and other mappings take a key of theirs, "*" is every target. kInvalidArgument for what is no
// override, and for targets and keys that are not there (with a suggestion). Values are judged with
// the whole document afterwards.
Status apply_overrides(const std::vector<Override>& overrides, json::value& document,
                       std::map<std::string, std::string, std::less<>>& overridden);

}  // namespace ktl
