// The flags of `ktl build` that are ktl's own.
#pragma once

#include <vector>

#include "cli/options/option.h"

namespace ktl::cli {

// In the order in which help shows them. Lives for the whole program.
const std::vector<Option>& build_options();

// Flags that pick plugins and project; needed before the others can be known.
const std::vector<Option>& bootstrap_options();

}  // namespace ktl::cli
