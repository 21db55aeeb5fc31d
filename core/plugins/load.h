// Loading a plugin's code: the only place that includes boost/dll.
#pragma once

#include "base/status.h"
#include "core/plugins/locate.h"
#include "core/plugins/plugin.h"

namespace ktl {

// Hashes and loads the very file behind `file.fd`, which must be without fault. The code stays
// loaded and the descriptor open until the program ends. kDataLoss: the sha256 is not `pin` (may be
// empty; `pin_origin` names its place). kFailedPrecondition: it cannot be loaded, with the dynamic
// linker's reason, or its entry does not keep what its manifest promises.
Result<PluginCode> load_plugin(PluginFile file, const std::string& pin = {},
                               const std::string& pin_origin = {});

}  // namespace ktl
