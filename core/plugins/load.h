// Loading a plugin's code: the only place that includes boost/dll.
#pragma once

#include "base/status.h"
#include "core/plugins/locate.h"
#include "core/plugins/plugin.h"

namespace ktl {

// What a file must be before its code runs.
struct LoadRules {
  std::string pin;     // sha256, 64 hex digits; empty: any
  std::string origin;  // the place of the pin
};

// The sha256 of the file: what the index knows, or what hashing gives.
Result<std::string> plugin_sha256(const PluginFile& file);

// Loads the very file behind `file.fd`, which must be without fault, and hashes it unless its
// sha256 is known. The code stays loaded and the descriptor open until the program ends. kDataLoss:
// the sha256 is not the pinned one.
// kFailedPrecondition: it cannot be loaded, with the dynamic linker's reason, or its entry does not
// keep what its manifest promises.
Result<PluginCode> load_plugin(PluginFile file, const LoadRules& rules = {});

}  // namespace ktl
