// The Dockerfile of a request, found and read.
#pragma once

#include <string>

#include "core/document/request.h"

namespace ktl {

struct DockerfileInput {
  std::string dir;    // absolute
  std::string name;   // in dir
  std::string shown;  // as errors call it: relative to the context where it lies inside
  std::string text;
};

// At most 1 MiB, a regular file; no symlink may lead out of the context, or out of its own folder
// when it lies elsewhere. kNotFound says where it was looked for.
Result<DockerfileInput> read_dockerfile(const Request& request);

}  // namespace ktl
