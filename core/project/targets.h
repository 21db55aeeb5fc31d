// The targets of a project file and the order in which they are built.
#pragma once

#include <string>
#include <vector>

#include "core/project/settings.h"

namespace ktl {

// What `ktl build NAME` builds.
struct Target {
  std::string name;
  std::string context;  // absolute folder, or an address
  ProjectSettings settings;
  std::vector<std::string> needs;  // names of other targets
  std::string origin;              // where it is described
  std::string context_origin;
};

// All of `targets:`. kInvalidArgument with the place: a name that is no name, one that a command
// has, a need that is no target (with a suggestion), needs that go round in a circle.
Result<std::vector<Target>> read_targets(const ProjectSource& source, const json::value& document);

// By name; nullptr when there is none.
const Target* find_target(const std::vector<Target>& targets, std::string_view name);

// `names` (all known) and everything they need, each once, what is needed before what needs it.
std::vector<const Target*> build_order(const std::vector<Target>& targets,
                                       const std::vector<std::string>& names);

// kInvalidArgument, with a suggestion, when one of the names at `pointer` is no target.
Status check_target_names(const ProjectSource& source, const std::string& pointer,
                          const std::vector<std::string>& names,
                          const std::vector<Target>& targets);

}  // namespace ktl
