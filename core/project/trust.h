// Which project files the user has trusted: their paths and the sha256 of what was read then.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl {

enum class Trust { kNever, kChanged, kYes };

// Kept as ktl.trust/1 in one file of the user's state folder, mode 0600. It is replaced in one
// step, under a lock on its folder; a file that is not the user's, that others may read or write,
// or that is no such document is refused (kPermissionDenied, kInvalidArgument), never believed.
// Paths are absolute with their symlinks resolved. Thread rule: none, every call opens anew.
class TrustRecords {
 public:
  explicit TrustRecords(std::filesystem::path file) : file_(std::move(file)) {}

  // What is recorded about a project file whose content has this sha256 (64 hex digits).
  [[nodiscard]] Result<Trust> look_up(const std::filesystem::path& project,
                                      std::string_view sha256) const;

  // Replaces what is recorded about `project`. kResourceExhausted beyond 1000 files.
  [[nodiscard]] Status record(const std::filesystem::path& project, std::string_view sha256) const;

  // True when there was something to forget.
  [[nodiscard]] Result<bool> forget(const std::filesystem::path& project) const;

 private:
  std::filesystem::path file_;
};

}  // namespace ktl
