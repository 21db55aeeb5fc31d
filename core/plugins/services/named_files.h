// The files and folders that the user named, which plugins may have as descriptors.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugins/services/services.h"

namespace ktl {

// Immutable. Thread rule: every method from any thread.
class NamedFiles final : public FileService {
 public:
  static constexpr size_t kMaxPath = 4096;

  // Absolute paths of files and folders; what does not exist yet may be written.
  explicit NamedFiles(std::vector<std::filesystem::path> named);

  // A read-only descriptor of the regular file `path`. kPermissionDenied: neither it nor a folder
  // above it was named; below a named folder no link leads out of it.
  [[nodiscard]] Result<UniqueFd> open(std::string_view path) const override;

  // Replaces the file in one step, mode 0644; temporary file beside it, then rename.
  [[nodiscard]] Status replace(std::string_view path, std::string_view bytes) const override;

 private:
  // The longest named path that is `path` or above it, opened when it is a folder.
  struct Place {
    UniqueFd folder;
    std::string below;  // path beneath it
  };
  [[nodiscard]] Result<Place> place_of(std::string_view path) const;

  std::vector<std::filesystem::path> named_;
};

}  // namespace ktl
