#include "base/spool_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

namespace ktl {
namespace {

namespace fs = std::filesystem;
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

// Folders whose owner is gone: their lock can be taken. A folder that was made this moment and is
// not locked yet is empty, and remove() leaves nothing of value.
void remove_stale(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    Result<UniqueFd> fd = open_file(entry.path(), kFolder);
    if (fd.ok() && ::flock(fd->get(), LOCK_EX | LOCK_NB) == 0) {
      fs::remove_all(entry.path(), ignored);
    }
  }
}

Status lock_new(const fs::path& path, UniqueFd& lock) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("make " + path.string(), errno);
  }
  KTL_ASSIGN(lock, open_file(path, kFolder));
  return ::flock(lock.get(), LOCK_SH) == 0 ? Status() : errno_status("lock", errno);
}

}  // namespace

Result<SpoolFolder> SpoolFolder::make(const fs::path& parent, const std::string& name) {
  std::error_code error;
  fs::create_directories(parent.parent_path(), error);
  if (::mkdir(parent.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("make " + parent.string(), errno);
  }
  remove_stale(parent);
  SpoolFolder made;
  made.path_ = parent / name;
  for (int attempt = 0; attempt < 3; ++attempt) {
    KTL_TRY(lock_new(made.path_, made.lock_));
    if (fs::exists(made.path_, error)) {  // nobody took it for stale in between
      return made;
    }
  }
  return Status(Code::kUnavailable, made.path_.string() + " cannot be kept");
}

SpoolFolder::SpoolFolder(SpoolFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

SpoolFolder& SpoolFolder::operator=(SpoolFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

SpoolFolder::~SpoolFolder() {
  std::error_code ignored;
  if (!path_.empty()) {
    fs::remove_all(path_, ignored);
  }
}

}  // namespace ktl
