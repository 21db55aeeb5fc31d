#include "jail/place.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/fd.h"

namespace ktl::jail {
namespace {

Result<PlaceFound> kind_of(int fd, const std::string& shown) {
  struct stat found{};
  if (::fstat(fd, &found) != 0) {
    return errno_status(shown, errno);
  }
  return S_ISDIR(found.st_mode) ? PlaceFound::kFolder : PlaceFound::kFile;
}

}  // namespace

Result<PlaceFound> find_place(const std::string& folder, const std::string& rest) {
  KTL_ASSIGN(UniqueFd root, open_file(folder, O_PATH));
  if (rest.empty()) {
    return kind_of(root.get(), folder);
  }
  struct open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd place(
      static_cast<int>(::syscall(SYS_openat2, root.get(), rest.c_str(), &how, sizeof how)));
  if (place.valid()) {
    return kind_of(place.get(), folder + "/" + rest);
  }
  switch (errno) {
    case ENOENT:
      return PlaceFound::kMissing;
    case ELOOP:
      return PlaceFound::kLink;
    case ENOTDIR:
      return PlaceFound::kBlocked;
    default:
      return errno_status(folder + "/" + rest, errno);
  }
}

}  // namespace ktl::jail
