// A read-only bind made of its parts, so that there is room for mount points it does not have.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "jail/mount.h"

namespace ktl::jail {

// `bind` as one tmpfs for each folder of `open` (paths below its source, "" for the source itself)
// with the mode of that folder, each other entry of them bound, each link made anew. Folders of
// `open` that do not exist are left out. kResourceExhausted: more than 10,000 entries.
Result<std::vector<Mount>> compose(const Mount& bind, const std::set<std::string>& open);

}  // namespace ktl::jail
