// Sizes as people write them into files and after flags.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace ktl {

// "20GB", "512MB" (1024 based, as BuildKit reads them) in bytes. kInvalidArgument for anything else
// and for more than 1 PB.
Result<int64_t> bytes_of(const std::string& size);

// "3.2 MB": for people.
std::string shown_size(int64_t bytes);

}  // namespace ktl
