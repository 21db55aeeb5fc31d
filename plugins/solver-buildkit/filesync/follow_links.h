// The symlinks that lie on the way to a path.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace ktl::filesync {

// The patterns for `paths` and for all that their symlinks lead to inside the folder, so that a
// path still resolves at the receiver (fsutil/followlinks.go). An absolute target starts at the
// root, ".." ends there. The last part of each step may have wildcards. Links in circles end where
// they were met before. Sorted; without what lies below another result. Nothing: everything,
// because a path or a link is the root itself.
//
// kResourceExhausted: more than kMaxSymlinks to follow; kPermissionDenied: a folder on the
// way cannot be searched.
Result<std::optional<std::vector<std::string>>> follow_links(int root,
                                                             const std::vector<std::string>& paths);
inline constexpr size_t kMaxSymlinks = 10000;

// Without what lies below another path of the sorted list; nothing when "." is in it.
std::optional<std::vector<std::string>> without_nested(const std::vector<std::string>& sorted);

}  // namespace ktl::filesync
