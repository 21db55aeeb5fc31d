#include "core/plugins/services/named_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

namespace ktl {
namespace {

namespace fs = std::filesystem;

bool is_beneath(const fs::path& path, const fs::path& folder) {
  auto [at, rest] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return at == folder.end();
}

// Beside the file and never one that is there already.
std::string temporary_name(const std::string& name) {
  static std::atomic<unsigned> counter = 0;
  return name + ".ktl-" + std::to_string(getpid()) + "-" + std::to_string(++counter);
}

Status write_beneath(int folder, const std::string& name, std::string_view bytes) {
  const std::string temporary = temporary_name(name);
  KTL_ASSIGN(UniqueFd file, open_beneath(folder, temporary, O_WRONLY | O_CREAT | O_EXCL, 0644));
  Status status = write_all(file.get(), bytes);
  if (status.ok() && fsync(file.get()) != 0) {
    status = errno_status("write " + name, errno);
  }
  if (status.ok() && renameat(folder, temporary.c_str(), folder, name.c_str()) != 0) {
    status = errno_status("rename to " + name, errno);
  }
  if (!status.ok()) {
    unlinkat(folder, temporary.c_str(), 0);
  }
  return status;
}

}  // namespace

NamedFiles::NamedFiles(std::vector<fs::path> named) : named_(std::move(named)) {
  for (auto& path : named_) {
    path = path.lexically_normal();
    if (!path.has_filename()) {  // "/a/" is "/a"
      path = path.parent_path();
    }
  }
}

Result<NamedFiles::Place> NamedFiles::place_of(std::string_view text) const {
  if (text.empty() || text.size() > kMaxPath || text.front() != '/' ||
      text.find('\0') != std::string_view::npos) {
    return Status(Code::kInvalidArgument, "no absolute path");
  }
  const fs::path path = fs::path(text).lexically_normal();
  const fs::path* best = nullptr;
  for (const auto& named : named_) {
    if (is_beneath(path, named) &&
        (best == nullptr || named.native().size() > best->native().size())) {
      best = &named;
    }
  }
  if (best == nullptr) {
    return Status(Code::kPermissionDenied, path.native() + " is not among the files you named")
        .advise("name it, or a folder above it, by a flag or in a trusted ktl.yaml");
  }
  // A named file may be a link to anywhere: the user said so. What is below a folder may not.
  fs::path folder = *best == path ? best->parent_path() : *best;
  KTL_ASSIGN(UniqueFd opened, open_file(folder, O_RDONLY | O_DIRECTORY));
  return Place{std::move(opened), path.lexically_relative(folder).native()};
}

Result<UniqueFd> NamedFiles::open(std::string_view path) const {
  KTL_ASSIGN(Place place, place_of(path));
  bool itself = std::ranges::find(named_, fs::path(path).lexically_normal()) != named_.end();
  // O_NONBLOCK: a fifo must not hold anybody up.
  KTL_ASSIGN(UniqueFd file,
             itself ? open_file(fs::path(path), O_RDONLY | O_NONBLOCK)
                    : open_beneath(place.folder.get(), place.below, O_RDONLY | O_NONBLOCK));
  struct stat info{};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return Status(Code::kInvalidArgument, std::string(path) + " is not a regular file");
  }
  return file;
}

Status NamedFiles::replace(std::string_view path, std::string_view bytes) const {
  KTL_ASSIGN(Place place, place_of(path));
  const fs::path below(place.below);
  UniqueFd parent;
  if (below.has_parent_path()) {
    KTL_ASSIGN(parent, open_beneath(place.folder.get(), below.parent_path().native(),
                                    O_RDONLY | O_DIRECTORY));
  } else {
    parent = std::move(place.folder);
  }
  Status status = write_beneath(parent.get(), below.filename().native(), bytes);
  return status.ok() ? status : std::move(status).at(std::string(path));
}

}  // namespace ktl
