// The files that a solver made, taken out of its reach.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// Where the builder's files wait is said by a process that may have been taken over and still runs,
// and whoever exports moves them with all of the user's rights. So each of `files` ("files" of
// ktl.solved/1) that lies in `folder`, the solver's own, is renamed into `into`, a folder of the
// same file system that no solver sees, and only there looked at; returns the same list with the
// new paths. A path that leads out of `folder`, and what is no file or folder as it was said, is
// kDataLoss at that path; what was taken by then stays in `into`.
Result<json::array> take_files(const std::filesystem::path& folder,
                               const std::filesystem::path& into, const json::array& files);

}  // namespace ktl
