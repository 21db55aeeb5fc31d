#include "move_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "base/fd.h"

namespace ktl::export_oci {
namespace {

constexpr const char* kTemp = ".ktl-tmp-file";
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kMaxDepth = 2048;

Result<std::vector<std::string>> names_in(int folder) {
  UniqueFd copy(::openat(folder, ".", kFolder));
  std::unique_ptr<DIR, int (*)(DIR*)> dir(copy.valid() ? ::fdopendir(copy.get()) : nullptr,
                                          ::closedir);
  if (dir == nullptr) {
    return errno_status("read a folder of the result", errno);
  }
  copy.release();
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  return names;
}

Status copy_file(int from, int to, const char* name, const struct stat& about) {
  UniqueFd source(::openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  UniqueFd made(::openat(to, kTemp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!source.valid() || !made.valid()) {
    return errno_status("copy", errno);
  }
  for (off_t left = about.st_size; left > 0;) {
    const ssize_t sent = ::sendfile(made.get(), source.get(), nullptr, static_cast<size_t>(left));
    if (sent <= 0) {
      return errno_status("copy", sent < 0 ? errno : EIO);
    }
    left -= sent;
  }
  const std::array<timespec, 2> times{about.st_atim, about.st_mtim};
  ::fchmod(made.get(), about.st_mode & 07777U);
  ::futimens(made.get(), times.data());
  return {};
}

Status copy_link(int from, int to, const char* name) {
  std::array<char, 4097> target{};
  const ssize_t size = ::readlinkat(from, name, target.data(), target.size() - 1);
  if (size < 0 || ::symlinkat(target.data(), to, kTemp) != 0) {
    return errno_status("copy", errno);
  }
  return {};
}

// Another disk: beside its place first, so that it appears whole or not at all.
Status copy_entry(int from, int to, const char* name, const struct stat& about) {
  ::unlinkat(to, kTemp, 0);
  Status status;
  if (S_ISREG(about.st_mode)) {
    status = copy_file(from, to, name, about);
  } else if (S_ISLNK(about.st_mode)) {
    status = copy_link(from, to, name);
  } else if (::mkfifoat(to, kTemp, about.st_mode & 0777U) != 0) {
    status = errno_status("copy", errno);
  }
  if (status.ok() && ::renameat(to, kTemp, to, name) != 0) {
    status = errno_status("rename", errno);
  }
  if (!status.ok()) {
    ::unlinkat(to, kTemp, 0);
  }
  return status;
}

Status move_entry(int from, int to, const char* name, const struct stat& about) {
  if (::renameat(from, name, to, name) == 0) {
    return {};
  }
  if (errno == EXDEV) {
    return copy_entry(from, to, name, about);
  }
  return errno == EISDIR || errno == ENOTEMPTY
             ? Status(Code::kAlreadyExists, "there is a folder where a file must go")
             : errno_status("move", errno);
}

Status move_all(int from, int to, const std::string& shown, int depth);

Status move_folder(int from, int to, const char* name, const struct stat& about,
                   const std::string& shown, int depth) {
  if (::mkdirat(to, name, 0700) != 0) {
    struct stat there{};
    if (errno != EEXIST || ::fstatat(to, name, &there, AT_SYMLINK_NOFOLLOW) != 0) {
      return errno_status("make the folder " + shown, errno);
    }
    if (!S_ISDIR(there.st_mode) &&
        (::unlinkat(to, name, 0) != 0 || ::mkdirat(to, name, 0700) != 0)) {
      return errno_status("make the folder " + shown, errno);
    }
  }
  UniqueFd source(::openat(from, name, kFolder));
  UniqueFd target(::openat(to, name, kFolder));
  if (!source.valid() || !target.valid()) {
    return errno_status("open the folder " + shown, errno);
  }
  KTL_TRY(move_all(source.get(), target.get(), shown, depth + 1));
  const std::array<timespec, 2> times{about.st_atim, about.st_mtim};
  ::fchmod(target.get(), about.st_mode & 07777U);
  ::futimens(target.get(), times.data());
  return {};
}

Status move_all(int from, int to, const std::string& shown, int depth) {
  if (depth > kMaxDepth) {
    return {Code::kResourceExhausted, "the folders of the result lie too deep"};
  }
  KTL_ASSIGN(const std::vector<std::string> names, names_in(from));
  for (const std::string& name : names) {
    struct stat about{};
    if (::fstatat(from, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) != 0) {
      return errno_status("look at " + name, errno);
    }
    const std::string path = shown + "/" + name;
    Status status = S_ISDIR(about.st_mode) ? move_folder(from, to, name.c_str(), about, path, depth)
                                           : move_entry(from, to, name.c_str(), about);
    if (!status.ok()) {
      return status.where().empty() ? std::move(status).at(path) : status;
    }
  }
  return {};
}

}  // namespace

Status move_tree(const std::filesystem::path& from, const std::filesystem::path& to) {
  KTL_ASSIGN(const UniqueFd source, open_file(from, kFolder));
  KTL_ASSIGN(const UniqueFd target, open_file(to, O_RDONLY | O_DIRECTORY));
  return move_all(source.get(), target.get(), to.string(), 0);
}

}  // namespace ktl::export_oci
