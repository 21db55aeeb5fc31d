// What a client hands to the supervisor it starts: which programs, which settings.
#pragma once

#include <filesystem>

#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// order.json holds what the client found in its own environment and configuration; a supervisor
// outlives both.
Status write_order(const Site& site);

// The site without its home. At most 64 KiB; kDataLoss for a broken file.
Result<Site> read_order(const std::filesystem::path& file);

}  // namespace ktl::builder
