// The fence that ktl asks for: fence-1 (docs/schema/fence-1.json) as a value.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::jail {

struct Bind {
  std::string src;
  std::string dst;
  bool rw = false;
  bool optional = false;
};

struct Fence {
  std::string profile;
  std::string runtime;
  std::string context;  // empty: none
  std::string workdir;
  std::vector<Bind> binds;
  bool network = true;  // false: cut, whatever the policy says
};

// `document` is valid against its schema. Paths come out tidied. kInvalidArgument: a path is not
// absolute, or the fence would hide what it has to show: the context is "/", or a bind lies at or
// above the working folder.
Result<Fence> to_fence(const json::object& document);

}  // namespace ktl::jail
