// A context or a Dockerfile that comes on standard input: `ktl build -`, `-f -`.
#pragma once

#include <optional>

#include "base/spool_folder.h"
#include "core/document/request.h"

namespace ktl::cli {

// True when `bytes`, the beginning of a stream, are a tar file, also a compressed one (gzip, bzip2,
// xz, zstd).
bool is_archive(std::string_view bytes);

// Replaces "-" in `request` by files below `spool` (made on demand, kept as long as the result): an
// archive is the context; anything else as the context is a Dockerfile with an empty one, as docker
// has it. Nothing when there is no "-". Bounds: 1 MiB a Dockerfile, 16 GiB an archive.
// kInvalidArgument: both from stdin, -f beside a Dockerfile on stdin, nothing on stdin.
Result<std::optional<SpoolFolder>> take_stdin(int fd, const std::filesystem::path& spool,
                                              Request& request);

}  // namespace ktl::cli
