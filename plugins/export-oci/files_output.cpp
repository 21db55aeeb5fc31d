#include "files_output.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "move_tree.h"
#include "oci/output_lock.h"

namespace ktl::export_oci {
namespace {

namespace fs = std::filesystem;

// What mkdir(2) and open(2) would give: the builder's own permissions are those inside.
mode_t usual_mode(bool folder) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return (folder ? 0777U : 0666U) & ~mask;
}

}  // namespace

FilesOutput::FilesOutput(fs::path destination, bool folder)
    : destination_(std::move(destination)),
      temp_(oci::OutputLock::temp_name(destination_)),
      folder_(folder) {}

Result<FilesOutput> FilesOutput::stage(const fs::path& destination, const fs::path& source,
                                       bool folder) {
  FilesOutput made(destination, folder);
  if (Status status = made.take(source); !status.ok()) {
    made.rollback();
    return std::move(status).in(destination.string());
  }
  return made;
}

Status FilesOutput::take(const fs::path& source) {
  std::error_code error;
  fs::remove_all(temp_, error);  // of a ktl that was killed: we hold the lock
  if (!folder_) {
    fs::rename(source, temp_, error);
    if (error == std::errc::cross_device_link) {
      error.clear();
      fs::copy_file(source, temp_, error);
    }
  } else if (fs::create_directory(temp_, error); !error) {
    KTL_TRY(move_tree(source, temp_));
  }
  if (error) {
    return errno_status("write", error.value());
  }
  ::chmod(temp_.c_str(), usual_mode(folder_));
  return {};
}

Status FilesOutput::commit() {
  std::error_code error;
  if (folder_ && fs::is_directory(destination_, error)) {
    KTL_TRY(move_tree(temp_, destination_).in(destination_.string()));
    fs::remove_all(temp_, error);
  } else if (::rename(temp_.c_str(), destination_.c_str()) != 0) {
    return errno_status("rename " + temp_.string() + " to " + destination_.string(), errno);
  }
  temp_.clear();
  return {};
}

void FilesOutput::rollback() {
  std::error_code ignored;
  if (!temp_.empty()) {
    fs::remove_all(temp_, ignored);
    temp_.clear();
  }
}

}  // namespace ktl::export_oci
