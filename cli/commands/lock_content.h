// ktl lock: how content gets to this machine, and stays.
#pragma once

#include <string>
#include <vector>

#include "base/cancel.h"
#include "core/document/request.h"
#include "lock/lock_file.h"
#include "lock/recorded.h"

namespace ktl::cli {

// What became of a recording.
struct LockMade {
  lock::Lock lock;
  std::vector<std::string> remarks;  // each one line: what cannot be locked, or is not kept
};

// Fetches everything that `recorded` has once more, as this user and on the ways that the request's
// registries: have, into ktl's kept content, of which at most `most_bytes` stay. What cannot be had
// is a remark. kCancelled, and what happens to the folder of kept content, are failures.
Result<LockMade> lock_and_keep(const lock::Recorded& recorded, const Request& request,
                               int64_t most_bytes, const CancelToken& cancel);

}  // namespace ktl::cli
