#include "oci/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "base/sha256.h"
#include "oci/index_file.h"
#include "oci/kept_images.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;
constexpr auto kIngestLife = std::chrono::hours(1);

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_status("create folder " + folder.string(), errno);
  }
  return {};
}

// What interrupted writers left. The age guards files whose writer is still at work.
void sweep_ingest(const fs::path& ingest) {
  std::error_code error;
  auto now = fs::file_time_type::clock::now();
  for (fs::directory_iterator entry(ingest, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (now - entry->last_write_time(ignored) > kIngestLife && !ignored) {
      fs::remove(entry->path(), ignored);
    }
  }
}

std::string proc_name(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace

Result<Store> Store::open(const fs::path& folder, Durability durability) {
  for (const char* part : {"", "blobs", "blobs/sha256", "ingest"}) {
    KTL_TRY(make_folder(*part == 0 ? folder : folder / part));
  }
  KTL_TRY(make_layout_files(folder));
  shrink_if_due(folder);
  KTL_ASSIGN(UniqueFd lock, open_file(folder / "blobs", O_RDONLY | O_DIRECTORY));
  while (::flock(lock.get(), LOCK_SH) != 0) {
    if (errno != EINTR) {
      return errno_status("lock " + folder.string(), errno);
    }
  }
  sweep_ingest(folder / "ingest");
  KTL_ASSIGN(BlobFolder blobs, BlobFolder::open(folder));
  return Store(folder, std::move(blobs), std::move(lock), durability);
}

Result<UniqueFd> Store::create() const {
  int fd = ::openat(blobs_.root(), "blobs/sha256", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    // Overlay filesystems of kernels before 6.1.
    std::string name = folder_ / "ingest" / "XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
  }
  if (fd < 0) {
    return errno_status("write to the store " + folder_.string(), errno);
  }
  return UniqueFd(fd);
}

Status Store::give_name(int fd, const std::string& name) const {
  struct stat info{};
  std::array<char, 4096> target{};
  ssize_t length = ::readlink(proc_name(fd).c_str(), target.data(), target.size());
  if (::fstat(fd, &info) != 0 || length < 0) {
    return errno_status("commit to the store", errno);
  }
  fs::path from(std::string(target.data(), static_cast<size_t>(length)));
  std::error_code error;
  int failed = 0;
  if (info.st_nlink == 0) {
    failed =
        ::linkat(AT_FDCWD, proc_name(fd).c_str(), blobs_.root(), name.c_str(), AT_SYMLINK_FOLLOW);
  } else if (fs::equivalent(from.parent_path(), folder_ / "ingest", error)) {
    failed = ::renameat(AT_FDCWD, from.c_str(), blobs_.root(), name.c_str());
  } else {
    return {Code::kInvalidArgument, "the file to commit was not made by this store"};
  }
  if (failed != 0 && errno != EEXIST) {
    return errno_status("commit to the store " + folder_.string(), errno);
  }
  return {};
}

Status Store::commit(int fd, std::string_view digest) const {
  if (!is_digest(digest)) {
    return {Code::kInvalidArgument, "not a digest sha256:<64 hex digits>"};
  }
  KTL_ASSIGN(std::string hex, sha256_hex_of_fd(fd));
  if ("sha256:" + hex != digest) {
    return {Code::kDataLoss, "content named " + std::string(digest) + " has digest sha256:" + hex};
  }
  std::string name = BlobFolder::path_of(digest);
  if (::utimensat(blobs_.root(), name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) == 0) {
    return {};
  }
  if (::fchmod(fd, 0444) != 0 || (durability_ == Durability::kSynced && ::fdatasync(fd) != 0)) {
    return errno_status("write to the store " + folder_.string(), errno);
  }
  return give_name(fd, name);
}

Result<Descriptor> Store::put(std::string_view bytes, std::string_view media_type) const {
  Descriptor made;
  made.media_type = media_type;
  made.digest = digest_of(bytes);
  made.size = static_cast<int64_t>(bytes.size());
  KTL_ASSIGN(UniqueFd fd, create());
  KTL_TRY(write_all(fd.get(), bytes));
  KTL_TRY(commit(fd.get(), made.digest));
  return made;
}

}  // namespace ktl::oci
