// Writes the files of a result, as --output type=local and type=tar do.
#pragma once

#include <filesystem>

#include "base/status.h"

namespace ktl::export_oci {

// One write in two steps. `source`, what the builder sent, is moved beside the destination first; a
// new destination appears by one rename, into an existing folder each file goes by its own. The
// caller holds the OutputLock. Not thread-safe.
class FilesOutput {
 public:
  static Result<FilesOutput> stage(const std::filesystem::path& destination,
                                   const std::filesystem::path& source, bool folder);
  Status commit();
  // Removes what stage made; after a commit it does nothing.
  void rollback();

 private:
  FilesOutput(std::filesystem::path destination, bool folder);
  Status take(const std::filesystem::path& source);

  std::filesystem::path destination_;
  std::filesystem::path temp_;
  bool folder_;
};

}  // namespace ktl::export_oci
