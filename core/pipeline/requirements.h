// --require: what the isolation statement has to say.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "core/document/isolation.h"

namespace ktl {

// How much it takes to meet a demand: before the builder has worked, what is declared has to do.
enum class Evidence { kDeclared, kProbed };

// Checks those of `wanted` ("isolation.PART.CONTROL=VALUE") that speak of `part` ("client" or
// "steps"). kFailedPrecondition names every one that is not met and what is known instead.
Status check_required(const std::vector<std::string>& wanted, const std::string& part,
                      const std::vector<IsolationLine>& lines, Evidence least = Evidence::kProbed);

}  // namespace ktl
