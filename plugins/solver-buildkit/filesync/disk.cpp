#include "filesync/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "dockerfile/text.h"

namespace ktl::filesync {
namespace {

constexpr size_t kMaxXattrs = size_t{1} << 20;
constexpr std::string_view kMacXattr = "com.apple.";

// listxattrat(2), Linux 6.13 and later; Debian 12's headers do not know it. A third of the time.
constexpr long kListXattrAt = 465;

long list_xattr_at(int folder, const char* name, char* out, size_t size) {
  return ::syscall(kListXattrAt, folder, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, out, size);
}

// Old kernels do not have it, and filters of system calls may refuse what they do not know.
bool has_list_xattr_at() {
  static const bool has =
      list_xattr_at(AT_FDCWD, "/", nullptr, 0) >= 0 || (errno != ENOSYS && errno != EPERM);
  return has;
}

// The extended attributes of one file. Not everything can be opened, so without listxattrat(2) the
// path goes through the folder's descriptor.
class Xattrs {
 public:
  Xattrs(int folder, const char* name) : folder_(folder), name_(name) {}

  [[nodiscard]] ssize_t list(char* out, size_t size) const {
    if (has_list_xattr_at()) {
      return list_xattr_at(folder_, name_, out, size);
    }
    return is_folder() ? ::flistxattr(folder_, out, size) : ::llistxattr(path().c_str(), out, size);
  }
  [[nodiscard]] ssize_t get(const char* key, char* out, size_t size) const {
    return is_folder() ? ::fgetxattr(folder_, key, out, size)
                       : ::lgetxattr(path().c_str(), key, out, size);
  }
  // Whether the file is still there: without /proc the path would not exist either.
  [[nodiscard]] bool exists() const {
    struct stat info{};
    return ::fstatat(folder_, name_, &info, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0;
  }

 private:
  [[nodiscard]] bool is_folder() const { return *name_ == '\0'; }
  [[nodiscard]] std::string path() const {
    return "/proc/self/fd/" + std::to_string(folder_) + "/" + name_;
  }

  int folder_;
  const char* name_;
};

// The names, each with a NUL behind it, or -errno.
ssize_t list_xattrs(const Xattrs& xattrs, std::string& names) {
  std::array<char, 1024> small{};
  ssize_t size = xattrs.list(small.data(), small.size());
  names.assign(small.data(), size > 0 ? static_cast<size_t>(size) : 0);
  if (size < 0 && errno == ERANGE) {
    names.resize(XATTR_LIST_MAX);
    size = xattrs.list(names.data(), names.size());
    names.resize(size > 0 ? static_cast<size_t>(size) : 0);
  }
  return size < 0 ? -errno : size;
}

Status no_proc(std::string_view path) {
  return Status(Code::kFailedPrecondition,
                "cannot read the extended attributes of " + quoted_path(path))
      .advise("mount /proc");
}

Status add_xattr(const Xattrs& xattrs, const char* key, std::string_view path, size_t& total,
                 Stat& stat) {
  std::string value(XATTR_SIZE_MAX, '\0');
  const ssize_t size = xattrs.get(key, value.data(), value.size());
  if (size < 0) {
    if (errno == ENOENT && xattrs.exists()) {
      return no_proc(path);
    }
    return {};  // gone, or not for us to read: left out, as fsutil does
  }
  value.resize(static_cast<size_t>(size));
  total += value.size() + std::strlen(key);
  if (total > kMaxXattrs) {
    return Status(Code::kResourceExhausted,
                  "extended attributes of " + quoted_path(path) + " are larger than 1 MiB");
  }
  stat.xattrs.emplace_back(key, std::move(value));
  return {};
}

Result<bool> read_xattrs(int folder, const char* name, std::string_view path, Stat& stat) {
  const Xattrs xattrs(folder, name);
  std::string names;
  const ssize_t size = list_xattrs(xattrs, names);
  if (size == -ENOENT && xattrs.exists()) {
    return no_proc(path);
  }
  if (size == -ENOTSUP || size == 0) {
    return true;
  }
  if (size < 0 && vanished(static_cast<int>(-size))) {
    return false;
  }
  if (size < 0) {
    return disk_failure("read the extended attributes of", path, static_cast<int>(-size));
  }
  size_t total = 0;
  for (const char* key = names.data(); key < names.data() + names.size();
       key += std::strlen(key) + 1) {
    if (!std::string_view(key).starts_with(kMacXattr)) {
      KTL_TRY(add_xattr(xattrs, key, path, total, stat));
    }
  }
  std::ranges::sort(stat.xattrs);
  return true;
}

// False when it is no symlink any more.
Result<bool> read_link(int folder, const char* name, std::string_view path, std::string& target) {
  target.resize(PATH_MAX);
  const ssize_t size = ::readlinkat(folder, name, target.data(), target.size());
  if (size < 0 && (errno == EINVAL || vanished(errno))) {
    return false;
  }
  if (size < 0) {
    return disk_failure("read the symlink", path, errno);
  }
  target.resize(static_cast<size_t>(size));
  return true;
}

// In unsigned numbers: a time that does not fit wraps, as it does in Go.
int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(static_cast<uint64_t>(time.tv_sec) * 1000000000U +
                              static_cast<uint64_t>(time.tv_nsec));
}

void fill(const struct stat& info, Entry& entry) {
  Stat& stat = entry.stat;
  stat.mode = go_mode(info.st_mode);
  stat.size = S_ISDIR(info.st_mode) ? 0 : info.st_size;
  stat.mtime_ns = nanoseconds(info.st_mtim);
  const bool device = S_ISBLK(info.st_mode) || S_ISCHR(info.st_mode);
  stat.devmajor = device ? ::major(info.st_rdev) : 0;
  stat.devminor = device ? ::minor(info.st_rdev) : 0;
  stat.linkname.clear();
  stat.xattrs.clear();
  entry.device = info.st_dev;
  entry.inode = info.st_ino;
  entry.links = info.st_nlink;
  entry.ctime_ns = nanoseconds(info.st_ctim);
}

void append_names(std::string_view records, std::vector<Name>& names) {
  while (!records.empty()) {
    const auto* record = reinterpret_cast<const dirent64*>(records.data());
    const std::string_view name = record->d_name;
    if (name != "." && name != "..") {
      names.push_back({std::string(name), record->d_type});
    }
    records.remove_prefix(record->d_reclen);
  }
}

}  // namespace

std::string quoted_path(std::string_view path) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  while (!path.empty()) {
    const dockerfile::Rune rune = dockerfile::decode_rune(path);
    const auto byte = static_cast<unsigned char>(path[0]);
    if (path[0] == '\n') {
      out += "\\n";
    } else if (path[0] == '"' || path[0] == '\\') {
      out += {'\\', path[0]};
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && rune.width == 1)) {
      out += {'\\', 'x', kHex[byte >> 4U], kHex[byte & 15U]};
    } else {
      out += path.substr(0, rune.width);
    }
    path.remove_prefix(rune.width);
  }
  return out + "\"";
}

Status disk_failure(std::string_view what, std::string_view path, int error_number) {
  Status status =
      errno_status("cannot " + std::string(what) + " " + quoted_path(path), error_number);
  if (error_number == EACCES || error_number == EPERM) {
    return std::move(status).advise("make it readable or leave it out with .dockerignore");
  }
  return status;
}

bool vanished(int error_number) {
  return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
}

UniqueFd open_plain(int root, const char* path, int flags) {
  open_how how{};
  how.flags = static_cast<uint64_t>(flags) | O_CLOEXEC | O_NOFOLLOW;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  long fd = -1;
  int attempts = 0;
  do {
    fd = ::syscall(SYS_openat2, root, path, &how, sizeof(how));
  } while (fd < 0 && (errno == EINTR || errno == EAGAIN) && ++attempts < 8);
  return UniqueFd(static_cast<int>(fd));
}

Result<std::vector<Name>> list_folder(int folder, std::string_view path) {
  std::vector<Name> names;
  alignas(dirent64) std::array<char, size_t{32} << 10> buffer;
  while (true) {
    const ssize_t size = ::getdents64(folder, buffer.data(), buffer.size());
    if (size < 0 && errno == ENOENT) {
      break;  // removed meanwhile
    }
    if (size < 0) {
      return disk_failure("list the folder", path, errno);
    }
    if (size == 0) {
      break;
    }
    append_names({buffer.data(), static_cast<size_t>(size)}, names);
  }
  std::ranges::sort(names, {}, &Name::name);
  return names;
}

Result<bool> read_entry(int folder, const char* name, std::string_view path, Entry& entry) {
  struct stat info{};
  if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
    if (vanished(errno)) {
      return false;
    }
    return disk_failure("look at", path, errno);
  }
  fill(info, entry);
  if (S_ISLNK(info.st_mode)) {
    KTL_ASSIGN(const bool there, read_link(folder, name, path, entry.stat.linkname));
    if (!there) {
      return false;
    }
  }
  return read_xattrs(folder, name, path, entry.stat);
}

}  // namespace ktl::filesync
