#include "base/fd.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

namespace ktl {

void UniqueFd::reset(int fd) {
  if (fd_ >= 0) {
    ::close(fd_);
  }
  fd_ = fd;
}

Result<UniqueFd> open_file(const std::filesystem::path& path, int flags, uint32_t mode) {
  int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) {
    return errno_status("open " + path.string(), errno);
  }
  return UniqueFd(fd);
}

Result<UniqueFd> open_beneath(int root, const std::string& path, int flags, uint32_t mode) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC;
  // O_TMPFILE holds O_DIRECTORY, which alone makes nothing and takes no mode.
  bool makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  how.mode = makes ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int attempt = 0; attempt < 8; ++attempt) {
    auto fd = static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how)));
    if (fd >= 0) {
      return UniqueFd(fd);
    }
    if (errno == EXDEV) {
      return Status(Code::kInvalidArgument, path + " leads out of its folder");
    }
    // EAGAIN: a rename raced with the check of ".."; the kernel asks to try again.
    if (errno != EAGAIN && errno != EINTR) {
      break;
    }
  }
  return errno_status("open " + path, errno);
}

namespace {

constexpr size_t kFirstRead = 4096;  // of what has no size: pipes, /proc

// With one byte more than there should be, so that the end shows at once. A file may grow.
size_t bytes_to_expect(int fd, size_t limit) {
  struct stat info{};
  const bool sized = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
  return std::min(sized ? static_cast<size_t>(info.st_size) : kFirstRead, limit) + 1;
}

}  // namespace

Result<std::string> read_all(int fd, size_t limit) {
  std::string bytes(bytes_to_expect(fd, limit), '\0');
  size_t have = 0;
  while (true) {
    const ssize_t n = ::read(fd, bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return errno_status("read", errno);
    }
    if (n == 0) {
      bytes.resize(have);
      return bytes;
    }
    have += static_cast<size_t>(n);
    if (have > limit) {
      return Status(Code::kResourceExhausted, "more than " + std::to_string(limit) + " bytes");
    }
    if (have == bytes.size()) {
      bytes.resize(std::min(2 * have, limit + 1));
    }
  }
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return errno_status("write", errno);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path, size_t limit) {
  // O_NONBLOCK: opening a fifo must not wait for a writer.
  KTL_ASSIGN(UniqueFd fd, open_file(path, O_RDONLY | O_NONBLOCK));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) {
    return errno_status("stat " + path.string(), errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument, path.string() + " is not a regular file");
  }
  auto bytes = read_all(fd.get(), limit);
  if (!bytes.ok()) {
    return std::move(bytes).status().in(path.string());
  }
  return bytes;
}

Status write_file_atomic(const std::filesystem::path& path, std::string_view bytes, uint32_t mode) {
  std::error_code error;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) {
      return errno_status("create folder " + path.parent_path().string(), error.value());
    }
  }
  std::string temp = path.string() + ".XXXXXX";
  UniqueFd fd(::mkostemp(temp.data(), O_CLOEXEC));
  if (!fd.valid()) {
    return errno_status("create " + temp, errno);
  }
  Status status = write_all(fd.get(), bytes);
  if (status.ok() && (::fchmod(fd.get(), mode) != 0 || ::fsync(fd.get()) != 0)) {
    status = errno_status("write " + temp, errno);
  }
  if (status.ok() && ::rename(temp.c_str(), path.c_str()) != 0) {
    status = errno_status("rename to " + path.string(), errno);
  }
  if (!status.ok()) {
    ::unlink(temp.c_str());
    return std::move(status).in(path.string());
  }
  return {};
}

}  // namespace ktl
