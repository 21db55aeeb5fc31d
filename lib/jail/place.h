// What there is at a path below a folder, without following a link.
#pragma once

#include <string>

#include "base/status.h"

namespace ktl::jail {

// kLink: a symbolic link is on the way or at its end; kBlocked: a file is on the way.
enum class PlaceFound : uint8_t { kFolder, kFile, kMissing, kLink, kBlocked };

// Looks for `rest` below `folder`; an empty `rest` is the folder (or file) itself.
Result<PlaceFound> find_place(const std::string& folder, const std::string& rest);

}  // namespace ktl::jail
