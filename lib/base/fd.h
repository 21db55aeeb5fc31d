// File descriptors with an owner, and the few ways ktl opens, reads and replaces files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace ktl {

// Owns one descriptor and closes it. Not thread-safe, like any value.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// open(2) with O_CLOEXEC; the status names the path.
Result<UniqueFd> open_file(const std::filesystem::path& path, int flags, uint32_t mode = 0600);

// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS: symlinks are followed as long as no
// step leaves `root`; a path that would leave is kInvalidArgument. `flags` gets O_CLOEXEC.
Result<UniqueFd> open_beneath(int root, const std::string& path, int flags, uint32_t mode = 0600);

// Everything that is left to read, at most `limit` bytes; more is kResourceExhausted.
Result<std::string> read_all(int fd, size_t limit);
Status write_all(int fd, std::string_view bytes);

// A regular file's content, at most `limit` bytes. Fifos, devices and folders are refused.
Result<std::string> read_file(const std::filesystem::path& path, size_t limit);

// Replaces `path` in one step: temp file beside it, fsync, rename. On failure nothing is left
// behind and the old file is untouched. Missing parent folders are made.
Status write_file_atomic(const std::filesystem::path& path, std::string_view bytes,
                         uint32_t mode = 0644);

}  // namespace ktl
