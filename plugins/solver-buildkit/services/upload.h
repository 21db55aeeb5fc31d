// moby.upload.v1.Upload: the builder takes a context that came as one tar file.
#pragma once

#include <string>
#include <vector>

#include "services/filesync.h"
#include "session/server.h"

namespace ktl::solver {

// The URL under which the builder asks for `name`, as the frontend's "context" has it.
std::string upload_url(const std::string& name);

// Sends `file` (an absolute path) to whoever asks for upload_url(name); anything else is kNotFound.
std::vector<Method> upload_methods(std::string name, std::string file, TransferSink sink);

}  // namespace ktl::solver
