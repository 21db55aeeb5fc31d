// moby.filesync.v1.FileSend: the builder hands files over, for type=local and type=tar outputs.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "services/filesync.h"
#include "session/server.h"

namespace ktl::solver {

// Where one exporter's files go until the build has passed its gates: an empty folder that exists
// (type=local), or a file that does not (type=tar).
struct FileTarget {
  std::filesystem::path path;
  bool folder = false;
};
// By the exporter's place in SolveRequest.Exporters, as the builder names it.
using FileTargets = std::map<std::string, FileTarget>;

// Each target is filled at most once. Must outlive the session.
std::vector<Method> filesend_methods(const FileTargets& targets, TransferSink sink);

}  // namespace ktl::solver
