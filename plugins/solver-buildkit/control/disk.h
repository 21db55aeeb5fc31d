// A builder's disk over BuildKit's control API.
#pragma once

#include <memory>
#include <string>

#include "builder/disk.h"

namespace ktl::solver {

// Connects at the first call.
Result<std::unique_ptr<builder::Disk>> open_disk(const std::string& socket);

}  // namespace ktl::solver
