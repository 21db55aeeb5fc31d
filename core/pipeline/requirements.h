// --require: what the isolation statement has to say.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "core/document/isolation.h"

namespace ktl {

// Checks those of `wanted` ("isolation.PART.CONTROL=VALUE") that speak of `part` ("client" or
// "steps"). Only what was probed meets a demand: kFailedPrecondition names every one that is not
// met and what is known instead.
Status check_required(const std::vector<std::string>& wanted, const std::string& part,
                      const std::vector<IsolationLine>& lines);

}  // namespace ktl
