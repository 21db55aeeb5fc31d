#include "jail/compose.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <memory>

#include "base/fd.h"
#include "jail/path.h"

namespace ktl::jail {
namespace {

constexpr size_t kMaxEntries = 10'000;

struct CloseDir {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using Dir = std::unique_ptr<DIR, CloseDir>;

Mount tmpfs_like(const Mount& bind, const std::string& dst, mode_t mode) {
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%04o", mode & 07777U);
  Mount room;
  room.kind = MountKind::kFilesystem;
  room.dst = dst;
  room.fstype = "tmpfs";
  room.options = std::string("size=16M,mode=") + octal.data();
  room.origin = bind.origin;
  room.nosuid = room.nodev = true;
  return room;
}

Result<std::string> link_target(int folder, const std::string& name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = ::readlinkat(folder, name.c_str(), target.data(), target.size());
  if (size <= 0) {
    return errno_status("the link " + name, errno);
  }
  return std::string(target.data(), static_cast<size_t>(size));
}

// One entry of a folder that is made anew.
Result<Mount> entry(const Mount& bind, int folder, const std::string& name,
                    const std::string& path) {
  struct stat found{};
  if (::fstatat(folder, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno_status(join_path(bind.src, path), errno);
  }
  Mount part = bind;
  part.dst = join_path(bind.dst, path);
  if (S_ISLNK(found.st_mode)) {
    part.kind = MountKind::kSymlink;
    KTL_ASSIGN(part.src, link_target(folder, name));
  } else {
    part.src = join_path(bind.src, path);
    part.folder = S_ISDIR(found.st_mode);
  }
  return part;
}

std::vector<std::string> names_of(DIR* dir) {
  std::vector<std::string> names;
  while (const dirent* found = ::readdir(dir)) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string name = static_cast<const char*>(found->d_name);
    if (name != "." && name != ".." && names.size() <= kMaxEntries) {
      names.push_back(name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status compose_folder(const Mount& bind, const std::string& path, const Anew& anew,
                      std::vector<Mount>& out) {
  const std::string source = join_path(bind.src, path);
  UniqueFd folder(
      ::open(source.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | (path.empty() ? 0 : O_NOFOLLOW)));
  struct stat found{};
  if (!folder.valid() && errno == ENOENT) {
    return {};
  }
  if (!folder.valid() || ::fstat(folder.get(), &found) != 0) {
    return errno_status(source, errno);
  }
  out.push_back(tmpfs_like(bind, join_path(bind.dst, path), found.st_mode));
  const Dir dir(::fdopendir(::fcntl(folder.get(), F_DUPFD_CLOEXEC, 0)));
  for (const auto& name : names_of(dir.get())) {
    const std::string below = path.empty() ? name : path + "/" + name;
    if (anew.folders.contains(below) || anew.hidden.contains(below)) {
      continue;
    }
    if (out.size() >= kMaxEntries) {
      return Status(Code::kResourceExhausted, bind.origin + ": " + bind.src +
                                                  " has more than 10000 entries on the way to a "
                                                  "bind that lies below it")
          .advise("make the folder of that bind first, or bind it elsewhere");
    }
    KTL_ASSIGN(Mount part, entry(bind, folder.get(), name, below));
    out.push_back(std::move(part));
  }
  return {};
}

}  // namespace

Result<std::vector<Mount>> compose(const Mount& bind, const Anew& anew) {
  std::vector<Mount> out;
  for (const auto& path : anew.folders) {  // in order: a folder comes before what it holds
    KTL_TRY(compose_folder(bind, path, anew, out));
  }
  return out;
}

}  // namespace ktl::jail
