// The instructions of a file, cut at each FROM.
#pragma once

#include <span>
#include <vector>

#include "base/status.h"
#include "dockerfile/parser.h"

namespace ktl::dockerfile {

// Views into a Dockerfile, which must outlive them.
struct StagePart {
  const Instruction* from = nullptr;
  std::span<const Instruction> body;
};

struct StageSplit {
  std::vector<const Instruction*> global_args;  // ARG before the first FROM
  std::vector<StagePart> parts;                 // 1 to 500
};

// `known_only`: instructions that no frontend of ours knows are kInvalidArgument, as are others
// than ARG before the first FROM, FROM or MAINTAINER behind ONBUILD, and a file without FROM. More
// than 500 stages are kResourceExhausted.
Result<StageSplit> split_stages(const Dockerfile& file, bool known_only);

}  // namespace ktl::dockerfile
