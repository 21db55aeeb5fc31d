// Where outputs that are files wait until the build has passed its gates.
#pragma once

#include <filesystem>

#include "base/json.h"
#include "base/spool_folder.h"
#include "base/status.h"
#include "services/filesend.h"

namespace ktl::solver {

// One folder below the plugin's cache folder, as long as the build.
// Thread rule: one thread; the session only reads targets().
class FileOutputs {
 public:
  // Does nothing when the plan has no output of type local or tar.
  static Result<FileOutputs> make(const std::filesystem::path& cache, const std::string& ref,
                                  const json::value& plan);

  [[nodiscard]] const FileTargets& targets() const { return targets_; }
  // The "files" of ktl.solved/1: one path for each such output of the plan, in its order.
  [[nodiscard]] json::array document() const;

 private:
  SpoolFolder folder_;
  FileTargets targets_;
};

}  // namespace ktl::solver
