// A policy and a fence made one: what a runtime is told, and what people are told.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "jail/fence.h"
#include "jail/machine.h"
#include "jail/message.h"
#include "jail/mount.h"

namespace ktl::jail {

struct Jail {
  Message policy;             // as it applies; its mounts are in `mounts`
  std::string name;           // the policy's own, else its file's
  std::vector<Mount> wanted;  // the policy's mounts, the context, the binds
  std::vector<Mount> mounts;  // the same as they are to be mounted, see layout.h
  std::vector<std::string> notes;
};

// Reads the policy of `fence` and puts the fence into it. kInvalidArgument: the policy does not
// load (FILE:LINE:COLUMN) or the two do not go together; kNotFound: the policy, or the source of a
// mandatory bind, does not exist; kPermissionDenied never: what may not be bound is
// kInvalidArgument. `submounts`: the runtime leaves what is mounted below a read-only bind
// writable (nsjail does, bubblewrap does not).
Result<Jail> make_jail(const Fence& fence, const Machine& machine, bool submounts);

// What a fence would be made of, a sandbox-1 document.
json::object describe(const Jail& jail, const std::string& runtime, const std::string& version,
                      bool native);

}  // namespace ktl::jail
