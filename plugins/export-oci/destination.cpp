#include "destination.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace ktl::export_oci {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kWaitMs = 600'000;

fs::path nearest_existing(fs::path path) {
  std::error_code error;
  while (path.has_relative_path() && !fs::exists(path, error)) {
    path = path.parent_path();
  }
  return path;
}

Status check_parent(const fs::path& destination) {
  fs::path folder = nearest_existing(destination.parent_path());
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return Status(Code::kInvalidArgument, folder.string() + " is not a folder")
        .advise("name another output than " + destination.string());
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    return errno_status("cannot write into " + folder.string(), errno);
  }
  return {};
}

Status advise_full_disk(Status status, const fs::path& path) {
  if (status.code() != Code::kResourceExhausted) {
    return status;
  }
  return std::move(status).advise("free some space where " + path.string() +
                                  " lies; nothing was changed there");
}

}  // namespace

bool is_tar(const fs::path& destination) { return destination.extension() == ".tar"; }

Status check_destination(const fs::path& destination) {
  if (!destination.has_filename()) {
    return {Code::kInvalidArgument, destination.string() + " cannot be written as an image"};
  }
  KTL_TRY(check_parent(destination));
  if (!is_tar(destination)) {
    return oci::judge_folder(destination).status();
  }
  std::error_code error;
  auto kind = fs::status(destination, error).type();
  if (kind != fs::file_type::not_found && kind != fs::file_type::regular) {
    return Status(Code::kInvalidArgument, destination.string() + " is not a regular file")
        .advise("a name that ends in .tar is written as one file; name another");
  }
  return {};
}

std::vector<std::string> inside_context(const fs::path& destination, const fs::path& context) {
  std::vector<std::string> inside;
  if (context.empty()) {
    return inside;
  }
  std::error_code error;
  fs::path root = fs::weakly_canonical(context, error);
  fs::path parent = fs::weakly_canonical(destination.parent_path(), error);
  for (const fs::path& name : {destination, oci::OutputLock::temp_name(destination),
                               oci::OutputLock::lock_name(destination)}) {
    auto relative = (parent / name.filename()).lexically_relative(root);
    if (!relative.empty() && *relative.begin() != ".." && relative != ".") {
      inside.push_back(relative.string());
    }
  }
  return inside;
}

Status Destination::make_parents() {
  std::vector<fs::path> missing;
  std::error_code error;
  for (fs::path at = path_.parent_path(); at.has_relative_path() && !fs::exists(at, error);
       at = at.parent_path()) {
    missing.push_back(at);
  }
  std::reverse(missing.begin(), missing.end());
  for (const auto& folder : missing) {
    if (::mkdir(folder.c_str(), 0777) == 0) {
      parents_.push_back(folder);
    } else if (errno != EEXIST) {
      return errno_status("create folder " + folder.string(), errno);
    }
  }
  return {};
}

void Destination::remove_parents() {
  for (auto folder = parents_.rbegin(); folder != parents_.rend(); ++folder) {
    ::rmdir(folder->c_str());  // stays when somebody put something in
  }
  parents_.clear();
}

Result<Destination> Destination::stage(const fs::path& path, const oci::BlobFolder& store,
                                       const oci::LayoutImage& image,
                                       const std::function<bool()>& stop) {
  Destination made(path);
  auto work = [&]() -> Status {
    KTL_TRY(made.make_parents());
    KTL_ASSIGN(oci::OutputLock lock, oci::OutputLock::acquire(path, kWaitMs, stop));
    made.lock_.emplace(std::move(lock));
    if (is_tar(path)) {
      KTL_ASSIGN(made.output_, oci::TarOutput::stage(path, store, image));
    } else {
      KTL_ASSIGN(made.output_, oci::FolderOutput::stage(path, store, image));
    }
    return {};
  };
  Status status = work();
  if (!status.ok()) {
    made.rollback();
    return advise_full_disk(std::move(status), path);
  }
  return made;
}

Status Destination::commit() {
  Status status;
  if (auto* folder = std::get_if<oci::FolderOutput>(&output_)) {
    status = folder->commit();
  } else if (auto* tar = std::get_if<oci::TarOutput>(&output_)) {
    status = tar->commit();
  }
  if (!status.ok()) {
    return advise_full_disk(std::move(status), path_);
  }
  parents_.clear();
  lock_.reset();
  return {};
}

void Destination::rollback() {
  if (auto* folder = std::get_if<oci::FolderOutput>(&output_)) {
    folder->rollback();
  } else if (auto* tar = std::get_if<oci::TarOutput>(&output_)) {
    tar->rollback();
  }
  lock_.reset();
  remove_parents();
}

}  // namespace ktl::export_oci
