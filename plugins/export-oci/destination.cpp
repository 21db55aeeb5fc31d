#include "destination.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
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

OutputNote::Kind kind_of(const fs::path& path, const fs::path& cache) {
  return path.parent_path() == cache ? OutputNote::Kind::kTemporary
                                     : OutputNote::Kind::kDestination;
}

Status advise_full_disk(Status status, const fs::path& path) {
  if (status.code() != Code::kResourceExhausted) {
    return status;
  }
  return std::move(status).advise("free some space where " + path.string() +
                                  " lies; nothing was changed there");
}

}  // namespace

Status check_destination(const Place& place) {
  const fs::path& destination = place.path;
  if (place.to_stdout()) {
    return ::isatty(STDOUT_FILENO) == 1
               ? Status(Code::kInvalidArgument, "a tar file would be written to the terminal")
                     .advise("name a file with dest=, or redirect stdout")
               : Status();
  }
  if (!destination.has_filename()) {
    return {Code::kInvalidArgument, destination.string() + " cannot be written to"};
  }
  KTL_TRY(check_parent(destination));
  if (place.kind == Place::Kind::kLayout) {
    return oci::judge_folder(destination).status();
  }
  std::error_code error;
  auto kind = fs::status(destination, error).type();
  const bool folder = place.kind == Place::Kind::kFolder;
  if (kind != fs::file_type::not_found &&
      kind != (folder ? fs::file_type::directory : fs::file_type::regular)) {
    return Status(Code::kInvalidArgument,
                  destination.string() + " is not a " + (folder ? "folder" : "regular file"))
        .advise("name another");
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

Result<Destination> Destination::stage(const Place& place, const Content& content,
                                       const std::function<bool()>& stop) {
  const fs::path path = place.to_stdout()
                            ? content.cache / ("stdout-" + std::to_string(::getpid()) + ".tar")
                            : place.path;
  Destination made(path, place.to_stdout(), kind_of(path, content.cache));
  auto work = [&]() -> Status {
    KTL_TRY(made.make_parents());
    KTL_ASSIGN(oci::OutputLock lock, oci::OutputLock::acquire(path, kWaitMs, stop));
    made.lock_.emplace(std::move(lock));
    KTL_ASSIGN(OutputNote note, OutputNote::make(content.notes, path, made.kind_));
    made.note_.emplace(std::move(note));
    return made.write(place, content);
  };
  Status status = work();
  if (!status.ok()) {
    made.rollback();
    return advise_full_disk(std::move(status), path);
  }
  return made;
}

Status Destination::write(const Place& place, const Content& content) {
  if (place.of_files()) {
    if (place.file >= content.files.size()) {
      return {Code::kFailedPrecondition, "the builder sent no files for " + place.path.string()};
    }
    KTL_ASSIGN(output_, FilesOutput::stage(path_, content.files[place.file],
                                           place.kind == Place::Kind::kFolder));
  } else if (place.kind == Place::Kind::kLayout) {
    KTL_ASSIGN(output_, oci::FolderOutput::stage(path_, content.store, content.image));
  } else {
    const bool docker = place.kind == Place::Kind::kDocker;
    KTL_ASSIGN(output_,
               oci::TarOutput::stage(path_, content.store, content.image,
                                     docker ? oci::TarFlavour::kDocker : oci::TarFlavour::kOci));
  }
  return {};
}

// What was written goes to stdout, and is removed.
Status Destination::print() {
  KTL_ASSIGN(const UniqueFd fd, open_file(path_, O_RDONLY | O_NOFOLLOW));
  ::unlink(path_.c_str());
  std::array<char, 1U << 16U> buffer{};
  ssize_t got = 0;
  while ((got = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
    KTL_TRY(write_all(STDOUT_FILENO, {buffer.data(), static_cast<size_t>(got)}).in("stdout"));
  }
  return got == 0 ? Status() : errno_status("read", errno);
}

Status Destination::commit() {
  Status status;
  if (auto* folder = std::get_if<oci::FolderOutput>(&output_)) {
    status = folder->commit();
  } else if (auto* tar = std::get_if<oci::TarOutput>(&output_)) {
    status = tar->commit();
  } else if (auto* files = std::get_if<FilesOutput>(&output_)) {
    status = files->commit();
  }
  if (status.ok() && to_stdout_) {
    status = print();
  }
  if (!status.ok()) {
    return advise_full_disk(std::move(status), path_);
  }
  parents_.clear();
  if (kind_ == OutputNote::Kind::kDestination) {
    release();
  }
  return {};
}

// The note first: without the lock somebody else would act on it.
void Destination::release() {
  note_.reset();
  lock_.reset();
}

void Destination::rollback() {
  if (auto* folder = std::get_if<oci::FolderOutput>(&output_)) {
    folder->rollback();
  } else if (auto* tar = std::get_if<oci::TarOutput>(&output_)) {
    tar->rollback();
  } else if (auto* files = std::get_if<FilesOutput>(&output_)) {
    files->rollback();
  }
  release();
  remove_parents();
}

}  // namespace ktl::export_oci
