// Named sets of flags: --profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/project/settings.h"

namespace ktl {

// One entry of `profiles:`. It adds to a profile of the same name that is there already.
struct Profile {
  std::string name;
  std::string extends;  // empty: none
  ProjectSettings settings;
  std::string origin;
};

// All of `profiles:`.
std::vector<Profile> read_profiles(const ProjectSource& source, const json::value& document);

// The built-in ones: dev, ci, secure, remote.
std::vector<std::string> built_in_profiles();

// What the profile `name` sets, weakest first: what it extends, what is built in under its name,
// then the entries of `files` (weakest file first). kInvalidArgument for a name that nobody knows
// (with a suggestion; `origin` says who asked) and for profiles that extend each other in a circle.
Result<ProjectSettings> profile_settings(const std::string& name, const std::string& origin,
                                         const std::vector<const std::vector<Profile>*>& files);

}  // namespace ktl
