// Paths inside the context that a build writes itself and so must not send.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace ktl {

// `file` relative to `context`; nothing when it is not inside, or is the context itself.
std::optional<std::string> path_in_context(const std::filesystem::path& context,
                                           const std::filesystem::path& file);

// Adds `path` to the sorted `list` unless it is there. kInvalidArgument when it is not a plain
// relative path: absolute, leaving the context, or with a control character.
Status add_exclude(std::vector<std::string>& list, const std::string& path);

}  // namespace ktl
