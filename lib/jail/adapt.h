// What ktl changes in a policy before it fences its own worker with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "jail/fence.h"
#include "jail/machine.h"
#include "jail/message.h"

namespace ktl::jail {

// Refuses what cannot fence a worker (mode LISTEN, RERUN, daemon, no mount namespace), drops what
// is ktl's to say (command, environment, working folder, descriptors, log), and brings namespaces
// to what `fence` asks for and this machine allows. Each change that a reader of the policy would
// not expect adds a sentence to `notes`. Faults are kInvalidArgument with the place in `file`.
Status adapt(Message& policy, std::string_view file, const Fence& fence, const Machine& machine,
             std::vector<std::string>& notes);

}  // namespace ktl::jail
