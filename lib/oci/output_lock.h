// One writer at a time for a file or folder that ktl is asked to write.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::oci {

// Holds flock(2) on ".<name>.ktl-lock" beside the destination, which is removed when the lock goes.
// While it is held, the temporary name below belongs to the holder alone. Not thread-safe.
class OutputLock {
 public:
  // Waits while another ktl writes the same destination, until `stop` says so (kCancelled) or
  // `wait_ms` have passed (kUnavailable, naming the destination). The parent folder must exist.
  static Result<OutputLock> acquire(const std::filesystem::path& destination, int64_t wait_ms,
                                    const std::function<bool()>& stop);

  OutputLock(OutputLock&&) noexcept = default;
  OutputLock& operator=(OutputLock&&) = delete;
  ~OutputLock();

  // ".<name>.ktl-tmp" beside the destination: where it is prepared.
  static std::filesystem::path temp_name(const std::filesystem::path& destination);
  static std::filesystem::path lock_name(const std::filesystem::path& destination);

 private:
  OutputLock(std::filesystem::path path, UniqueFd fd)
      : path_(std::move(path)), fd_(std::move(fd)) {}
  std::filesystem::path path_;
  UniqueFd fd_;
};

}  // namespace ktl::oci
