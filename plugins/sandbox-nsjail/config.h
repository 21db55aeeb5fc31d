// What nsjail is told: the policy as it applies, the mounts, the environment, the descriptors.
#pragma once

#include <string>

#include "jail/jail.h"
#include "jail/wrap.h"

namespace ktl::sandbox_nsjail {

// The text of nsjail's --config.
std::string config_text(const jail::Jail& jail, const jail::Wrap& wrap);

}  // namespace ktl::sandbox_nsjail
