// What user config, project file, profile and --set say about one build, in the words of flags.
#pragma once

#include <optional>
#include <string>

#include "cli/options/flag_set.h"
#include "cli/request/settings.h"
#include "core/project/project.h"

namespace ktl::cli {

struct LayerQuery {
  const std::optional<Project>& user;     // config.yaml
  const std::optional<Project>& project;  // ktl.yaml
  const Target* target = nullptr;         // null: no target is built
  bool named = true;                      // see subjects.h
  std::string profile = {};               // --profile; empty: none
  std::string profile_origin = {};
};

// Weakest first: user config's defaults, ktl.yaml's defaults, its `build:`, the target, the
// profile; and above all what --set gave the target. kInvalidArgument with the place: a flag that
// nobody knows (with a suggestion), one that is not built yet or cannot stand in a file, several
// values for one that takes one, an unknown profile.
Result<Layers> layers_of(const FlagSet& flags, const LayerQuery& query);

}  // namespace ktl::cli
