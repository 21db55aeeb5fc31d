// What one `ktl build` builds: a folder, or targets of ktl.yaml.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/request/convert.h"
#include "core/project/project.h"

namespace ktl::cli {

struct Subject {
  std::string context;             // absolute folder, or an address
  const Target* target = nullptr;  // borrowed from the project; null: the context was named itself
  bool named = true;               // false: built because another target needs it
};

// By the words that followed `ktl build` besides flags: names of targets (each with what it needs,
// in the order of building), else one context; no words are the default targets. kInvalidArgument,
// with advice, when they are neither.
Result<std::vector<Subject>> subjects_of(const std::vector<std::string>& words,
                                         const std::optional<Project>& project,
                                         const Surroundings& surroundings);

}  // namespace ktl::cli
