// Names for builds.
#pragma once

#include <string>

#include "base/clock.h"

namespace ktl {

// A name for a build that is not in use: "20261123T010203Z-4f2a90c1".
std::string new_build_id(const Clock& clock);

}  // namespace ktl
