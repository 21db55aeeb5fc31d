// A folder for what one process keeps on the disk while it runs.
#pragma once

#include <filesystem>
#include <string>

#include "base/fd.h"
#include "base/status.h"

namespace ktl {

// Removed with this object. An flock(2) on it, held until then, tells the living from what a killed
// process left; make() removes the latter. Not thread-safe.
class SpoolFolder {
 public:
  // `parent`/`name`, both made with mode 0700; `name` must be nobody else's.
  static Result<SpoolFolder> make(const std::filesystem::path& parent, const std::string& name);

  SpoolFolder() = default;
  SpoolFolder(SpoolFolder&& other) noexcept;
  SpoolFolder& operator=(SpoolFolder&& other) noexcept;
  ~SpoolFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }  // "": none was made

 private:
  std::filesystem::path path_;
  UniqueFd lock_;
};

}  // namespace ktl
