#include "oci/prune.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <unordered_set>

#include "base/fd.h"
#include "base/sha256.h"
#include "oci/blob_folder.h"
#include "oci/index_file.h"
#include "oci/walk.h"

namespace ktl::oci {
namespace {

using Digests = std::unordered_set<std::string>;

Result<Digests> needed_by(const std::vector<Descriptor>& roots, const BlobFolder& blobs) {
  Digests needed;
  for (const auto& root : roots) {
    KTL_ASSIGN(auto parts, walk(root, documents_of(blobs)));
    for (const auto& part : parts) {
      needed.insert(part.digest);
    }
  }
  return needed;
}

void remove_blob(const BlobFolder& blobs, const std::string& digest, time_t used_before,
                 PruneResult& result) {
  std::string name = BlobFolder::path_of(digest);
  struct stat info{};
  bool old = ::fstatat(blobs.root(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
             S_ISREG(info.st_mode) && info.st_mtime <= used_before;
  if (old && ::unlinkat(blobs.root(), name.c_str(), 0) == 0) {
    ++result.blobs;
    result.bytes += info.st_size;
  }
}

}  // namespace

Result<UniqueFd> lock_store_alone(const std::filesystem::path& folder) {
  KTL_ASSIGN(UniqueFd lock, open_file(folder / "blobs", O_RDONLY | O_DIRECTORY));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return Status(Code::kUnavailable, "the image store " + folder.string() + " is in use")
        .advise("try again when no build is running");
  }
  return lock;
}

Result<PruneResult> prune(const std::filesystem::path& folder, int64_t min_age_s) {
  KTL_ASSIGN(const UniqueFd lock, lock_store_alone(folder));
  KTL_ASSIGN(BlobFolder blobs, BlobFolder::open(folder));
  KTL_ASSIGN(Index index, read_index_file(folder));
  KTL_ASSIGN(Digests needed, needed_by(index.manifests, blobs));
  PruneResult result;
  time_t used_before = ::time(nullptr) - min_age_s;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder / "blobs/sha256", error), end;
       !error && entry != end; entry.increment(error)) {
    std::string digest = "sha256:" + entry->path().filename().string();
    if (is_digest(digest) && !needed.contains(digest)) {
      remove_blob(blobs, digest, used_before, result);
    }
  }
  return result;
}

Result<PruneResult> remove_replaced(const std::filesystem::path& folder,
                                    const std::vector<Descriptor>& old_roots, const Index& index) {
  KTL_ASSIGN(BlobFolder blobs, BlobFolder::open(folder));
  KTL_ASSIGN(Digests needed, needed_by(index.manifests, blobs));
  KTL_ASSIGN(Digests candidates, needed_by(old_roots, blobs));
  PruneResult result;
  for (const auto& digest : candidates) {
    if (!needed.contains(digest)) {
      remove_blob(blobs, digest, INT64_MAX, result);
    }
  }
  return result;
}

}  // namespace ktl::oci
