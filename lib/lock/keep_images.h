// Keeps images that a lock names, so that they can be had without their registry.
#pragma once

#include <set>
#include <string>

#include "base/status.h"
#include "oci/registry/registry.h"
#include "oci/store.h"

namespace ktl::lock {

// The manifest or index `digest` and all it needs on `platforms` ("linux/amd64"; variants do not
// count: who builds chooses among them) into `store`. What is there already does not travel and
// counts as used now. Layers that may not be redistributed are left out. Failures name the registry
// and what it said. Waits; any thread.
Status keep_image(oci::Registry& registry, const oci::Store& store, const std::string& digest,
                  const std::set<std::string>& platforms);

}  // namespace ktl::lock
