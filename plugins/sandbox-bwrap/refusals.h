// The fields of a policy that bubblewrap has no word for.
#pragma once

#include "base/status.h"
#include "jail/jail.h"
#include "jail/machine.h"

namespace ktl::sandbox_bwrap {

// kFailedPrecondition at FILE:LINE:COLUMN for the first field that bubblewrap cannot honour as it
// is set; a field that has no effect, like one that says what bubblewrap does anyway, is honoured.
Status check_fields(const jail::Jail& jail, const jail::Machine& machine, const std::string& file);

// The same failure for anything else of a policy: `place` is where, `what` cannot be honoured.
Status cannot(const std::string& place, const std::string& what);

}  // namespace ktl::sandbox_bwrap
