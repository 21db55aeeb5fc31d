#include "core/plugins/verify.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ktl {

namespace {

Status verify(int fd, const std::string& path, bool roots_too) {
  struct stat info{};
  if (fstat(fd, &info) != 0) {
    return errno_status("fstat " + path, errno);
  }
  if (info.st_uid != geteuid() && !(roots_too && info.st_uid == 0)) {
    return {Code::kPermissionDenied, path + " belongs to user " + std::to_string(info.st_uid) +
                                         (roots_too ? ", not to root or to you" : ", not to you")};
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Status(Code::kPermissionDenied, path + " can be changed by others")
        .advise("chmod go-w " + path);
  }
  return {};
}

}  // namespace

Status verify_owner(int fd, const std::string& path) {
  Status status = verify(fd, path, true);
  if (!status.ok() && status.next().empty()) {
    return std::move(status).advise(
        "plugins run with your rights: use only files that are yours or root's");
  }
  return status;
}

Status verify_own(int fd, const std::string& path) { return verify(fd, path, false); }

Status verify_pin(const std::string& actual, const std::string& expected, const std::string& path,
                  const std::string& origin) {
  if (expected.empty() || actual == expected) {
    return {};
  }
  return Status(Code::kDataLoss, path + " has sha256 " + actual + ", pinned is " + expected)
      .at(origin)
      .advise("put the pinned file back, or pin the new one after looking at it");
}

}  // namespace ktl
