// What a project file sets, in the words of the flags that it stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "core/project/source.h"

namespace ktl {

// One value. A mapping (`args:`) becomes one setting a key, so that each has its place.
struct ProjectSetting {
  std::string option;              // the flag's name: "build-arg"
  std::vector<std::string> words;  // as given to the flag: "KEY=VALUE"; a switch: "true" or "false"
  std::string origin;              // "/abs/ktl.yaml:3:5", "profile ci", "flag --set api.pull"
  std::string folder = "/";        // where a relative path in it starts
  bool overridden = false;         // by --set: beats every other flag
};
using ProjectSettings = std::vector<ProjectSetting>;

// Adds what the mapping at `pointer` says under the keys of a target ("platforms", "args", ...); a
// key that stands for no flag is left to the caller. Paths become absolute. The mapping is valid
// against the schema.
void add_target_settings(const ProjectSource& source, std::string_view pointer,
                         const json::value& mapping, ProjectSettings& into);

// Adds a mapping of flags by name: text, switches, whole numbers, lists, mappings. Whether there
// are such flags is not known here.
void add_flag_settings(const ProjectSource& source, std::string_view pointer,
                       const json::value& mapping, ProjectSettings& into);

}  // namespace ktl
