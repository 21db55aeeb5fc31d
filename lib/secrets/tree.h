// Looks for secrets in a file, or in every file below a folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "secrets/scanner.h"

namespace ktl::secrets {

struct TreeScan {
  // Told of each match with the path below the root (its name, for a file that is the root itself).
  // A file that is found by its path alone has offset, line and column 0.
  std::function<void(const std::string& path, const Match&)> found;
  std::function<bool()> cancelled;
  size_t most_files = 5'000'000;
  int most_depth = 128;
};

struct TreeResult {
  uint64_t files = 0;
  uint64_t bytes = 0;
  uint64_t allowed = 0;
  std::vector<std::string> not_scanned;  // "path: why"; at most 1000, the last one counts the rest
};

// Reads `root` without following a link out of it or in it: links are listed by nobody and what
// they point to is read where it stands. Files that vanish, cannot be read or are no files are told
// in not_scanned. Fails when `root` itself cannot be opened.
Result<TreeResult> scan_tree(const Rules& rules, const std::filesystem::path& root,
                             const TreeScan& how);

// All that is left to read of `fd`, as a stream of its own.
Result<TreeResult> scan_fd(const Rules& rules, int fd, const TreeScan& how);

}  // namespace ktl::secrets
