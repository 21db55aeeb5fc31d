// What --builder means to the solver.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "core/document/reach.h"

namespace ktl {

// The ktl.builder/1 document for `builder`, one word a line: an address, or a name of `rules`,
// which may stand for several daemons, or "ADDRESS;platforms=OS/ARCH,...". A single address, and a
// name that only the solver knows, stay as they are; everything else becomes "members".
// kInvalidArgument: a platform that is none, or a name with platforms of its own.
Result<json::object> builder_document(const std::string& builder,
                                      const std::vector<BuilderRule>& rules);

}  // namespace ktl
