// Where the program is that makes a fence, and whether this machine lets it.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "jail/jail.h"

namespace ktl::jail {

// The absolute path of the runtime: `chosen` when it is not empty, else `name` in ../libexec/ktl
// beside this program, else in PATH. kFailedPrecondition: there is none, or what was chosen cannot
// be executed; `next` says how to get one (`install`).
Result<std::string> find_runtime(std::string_view chosen, const std::string& name,
                                 const std::string& install);

// What can be known without starting anything: the kernel has the namespaces of the policy, an
// ordinary user may make one, the programs for sub-ids are there. kFailedPrecondition otherwise.
Status check_machine(const Jail& jail, const Machine& machine);

}  // namespace ktl::jail
