// A whole policy as bubblewrap's options.
#pragma once

#include <string>

#include "base/status.h"
#include "jail/jail.h"
#include "jail/machine.h"
#include "mounts.h"

namespace ktl::sandbox_bwrap {

// What runs bubblewrap, for what it has no option for: prlimit for limits, nice. Empty when the
// policy wants neither. kFailedPrecondition: prlimit is not there.
Result<Words> prefix(const jail::Jail& jail, const jail::Machine& machine);

// The options themselves, without the command; `keep` gets text, `keep_bytes` what is none.
// kFailedPrecondition at FILE:LINE:COLUMN names each field that cannot be honoured: what is not
// translated in full is not translated.
Result<Words> options(const jail::Jail& jail, const jail::Machine& machine, const std::string& file,
                      const KeepFile& keep, const KeepFile& keep_bytes);

}  // namespace ktl::sandbox_bwrap
