// What instructions bring in from elsewhere, read from their words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/instruction.h"

namespace ktl::dockerfile {

enum class Origin { kLocal, kHttp, kGit };

// Where ADD takes `source` from: https://host/x.tar is http, https://host/x.git#main, ssh://...,
// git://... and git@host:path are git, all else is the build context.
Origin origin_of(std::string_view source);

// The `from=` of every --mount of a RUN instruction, "scratch" for a mount without one, as the
// frontend takes it. Errors: kInvalidArgument for broken quotes and for variables in `from`.
Result<std::vector<std::string>> mount_sources(const Instruction& run);

// An image's name as people write it: without docker.io/, library/ and :latest. That is the name
// by which --build-context replaces it.
std::string familiar_name(std::string_view image);

}  // namespace ktl::dockerfile
