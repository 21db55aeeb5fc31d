#include "lock/kept_content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/sha256.h"
#include "oci/media_types.h"

namespace ktl::lock {
namespace {

struct Blob {
  int64_t used = 0;  // nanoseconds since 1970
  int64_t size = 0;
  std::string name;
};

std::vector<Blob> blobs_in(const std::filesystem::path& folder) {
  std::vector<Blob> blobs;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder / "blobs/sha256", error), end;
       !error && entry != end; entry.increment(error)) {
    struct stat info{};
    if (::lstat(entry->path().c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
        is_digest("sha256:" + entry->path().filename().string())) {
      blobs.push_back({info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec, info.st_size,
                       entry->path().string()});
    }
  }
  std::ranges::sort(blobs, {}, &Blob::used);
  return blobs;
}

// What one lock names in one store.
class Needs {
 public:
  explicit Needs(const oci::Store& store) : store_(store) {}

  Status add(const std::string& digest, const std::string& what) {
    if (!store_.size(digest).ok()) {
      return Status(Code::kNotFound, what + " is not kept here: " + digest)
          .advise("ktl lock keeps what it locks; --keep-limit lets it keep more");
    }
    digests_.insert(digest);
    return {};
  }

  // Of an index one platform at least has to be there.
  Status add_image(const std::string& digest, const std::string& what, int depth = 0) {
    KTL_TRY(add(digest, what));
    KTL_ASSIGN(const std::string text, store_.blobs().read(digest, oci::kMaxManifestBytes));
    KTL_ASSIGN(const std::string type, oci::media_type_of(text));
    if (!oci::is_index_type(type)) {
      return add_manifest(text, what);
    }
    KTL_ASSIGN(const oci::Index index, oci::parse_index(text));
    bool any = false;
    for (const oci::Descriptor& entry : index.manifests) {
      if (depth < 4 && store_.size(entry.digest).ok()) {
        KTL_TRY(add_image(entry.digest, what, depth + 1));
        any = true;
      }
    }
    return any || index.manifests.empty() ? Status() : add(index.manifests[0].digest, what);
  }

  [[nodiscard]] std::vector<std::string> digests() const {
    return {digests_.begin(), digests_.end()};
  }

 private:
  Status add_manifest(const std::string& text, const std::string& what) {
    KTL_ASSIGN(const oci::Manifest manifest, oci::parse_manifest(text));
    KTL_TRY(add(manifest.config.digest, what));
    for (const oci::Descriptor& layer : manifest.layers) {
      KTL_TRY(layer.urls.empty() ? add(layer.digest, what) : Status());
    }
    return {};
  }

  const oci::Store& store_;
  std::set<std::string> digests_;
};

}  // namespace

std::filesystem::path kept_folder(const std::filesystem::path& state) { return state / "kept"; }

void mark_kept(const oci::Store& store, const std::string& digest) {
  const std::string name = oci::BlobFolder::path_of(digest);
  [[maybe_unused]] const int failed =
      ::utimensat(store.blobs().root(), name.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
}

Result<oci::PruneResult> prune_kept(const std::filesystem::path& folder, int64_t most_bytes) {
  KTL_ASSIGN(const UniqueFd alone, oci::lock_store_alone(folder));
  const std::vector<Blob> blobs = blobs_in(folder);
  int64_t left = 0;
  for (const Blob& blob : blobs) {
    left += blob.size;
  }
  oci::PruneResult gone;
  for (const Blob& blob : blobs) {
    if (left <= most_bytes) {
      break;
    }
    if (::unlink(blob.name.c_str()) == 0) {
      ++gone.blobs;
      gone.bytes += blob.size;
      left -= blob.size;
    }
  }
  return gone;
}

Result<std::vector<std::string>> content_of(const Lock& lock, const oci::Store& store) {
  Needs needs(store);
  for (const auto& [ref, digest] : lock.images) {
    KTL_TRY(needs.add_image(digest, ref));
  }
  for (const auto& [url, digest] : lock.files) {
    KTL_TRY(needs.add(digest, url));
  }
  for (const Download& one : lock.downloads) {
    KTL_TRY(needs.add(one.digest, one.url));
  }
  return needs.digests();
}

}  // namespace ktl::lock
