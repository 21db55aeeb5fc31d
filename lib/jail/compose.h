// A read-only bind made of its parts, so that there is room for mount points it does not have.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/status.h"
#include "jail/mount.h"

namespace ktl::jail {

// Paths below the source of a bind, "" for the source itself.
struct Anew {
  std::set<std::string> folders;  // to be made anew; with each all that it lies in
  std::set<std::string> hidden;   // entries to be left out: something is mounted in their place
};

// `bind` as one tmpfs for each of `folders` with the mode of that folder, each other entry of them
// bound, each link made anew. Folders that do not exist are left out. kResourceExhausted: more than
// 10,000 entries.
Result<std::vector<Mount>> compose(const Mount& bind, const Anew& anew);

}  // namespace ktl::jail
