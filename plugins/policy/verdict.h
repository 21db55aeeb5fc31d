// From what rules said to ktl.verdict/1: which rule, why, where, and what would help.
#pragma once

#include <string>

#include "base/json.h"
#include "base/status.h"

namespace ktl::policy {

// Denials and warnings, each {rule, message, location, edit}.
struct Remarks {
  json::array denials;
  json::array warnings;
};

// `said` is the engine's list of {unit, rule, value}. A text is its own message; of an object
// message or msg is needed, and rule, code or id, location or file (path, subject) and line, edit
// or fix are taken. `dockerfile`: the file that a line alone is of. kFailedPrecondition: a remark
// without a message, or a decision of buildx that is none.
Result<Remarks> remarks_of(const json::value& answer, const std::string& dockerfile);

// With mode warn denials warn.
Remarks in_mode(Remarks remarks, bool warn);

json::object verdict_of(const Remarks& remarks, const std::string& rules);

}  // namespace ktl::policy
