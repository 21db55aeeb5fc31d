// The rules that ktl comes with: lib/secrets/rules/*.yaml, made into a table at build time.
#pragma once

#include <vector>

#include "secrets/rule.h"

namespace ktl::secrets {

std::vector<Rule> builtin_rules();

}  // namespace ktl::secrets
