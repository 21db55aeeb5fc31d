// ktl.isolation/1: which fence stood around the client and around RUN steps, and how ktl knows.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ktl {

// `evidence`: "probed" (tried out), "declared" (said by whoever set it up) or "unknown".
struct IsolationLine {
  std::string control;
  std::string value;
  std::string evidence;
};

struct Isolation {
  std::vector<IsolationLine> client;  // the process that reads Dockerfile and context
  std::vector<IsolationLine> steps;
  int slsa_level = 0;    // of the Build track that this build can claim at most, and
  std::string slsa_why;  // why not a higher one
};

json::object to_json(const Isolation& isolation);

}  // namespace ktl
