// --iidfile and --metadata-file: what other programs read after a build.
#pragma once

#include <string>

#include "core/pipeline/build.h"

namespace ktl {

// The image's id as docker knows it: the digest of its config, of the index when it is one for
// several platforms; empty when nothing was staged.
std::string image_id(const json::object& solved);

// The keys of docker buildx's metadata file, and "ktl.record", the path of the Record.
// Source: https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
json::object metadata_of(const Build& build);

// Writes the files that were asked for, each in one step; removed again when the build does not
// succeed after all.
Status write_result_files(Build& build);

}  // namespace ktl
