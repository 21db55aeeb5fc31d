#include "oci/kept_images.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/fd.h"
#include "base/sha256.h"
#include "oci/blob_folder.h"
#include "oci/config.h"
#include "oci/index_file.h"
#include "oci/manifest.h"
#include "oci/media_types.h"
#include "oci/reference.h"
#include "oci/walk.h"

namespace ktl::oci {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string digest;
  int64_t bytes = 0;
  int64_t used = 0;
};

fs::path due_file(const fs::path& folder) { return folder / "shrink-to"; }

// Every blob there is, the one that was not used for the longest first.
std::vector<File> blobs_by_age(const fs::path& folder) {
  std::vector<File> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder / "blobs/sha256", error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat about{};
    std::string digest = "sha256:" + entry->path().filename().string();
    if (is_digest(digest) && ::lstat(entry->path().c_str(), &about) == 0 &&
        S_ISREG(about.st_mode)) {
      files.push_back({std::move(digest), about.st_size, about.st_mtime});
    }
  }
  std::ranges::sort(files, {}, &File::used);
  return files;
}

int64_t total_of(const std::vector<File>& files) {
  int64_t total = 0;
  for (const File& file : files) {
    total += file.bytes;
  }
  return total;
}

// "linux/amd64" of an image without an index, from its config.
std::vector<std::string> platforms_of(const BlobFolder& blobs, const Descriptor& root) {
  std::vector<std::string> platforms;
  const Result<std::string> text = documents_of(blobs)(root);
  if (!text.ok()) {
    return platforms;
  }
  if (is_index_type(root.media_type)) {
    const Result<Index> index = parse_index(*text);
    for (const Descriptor& entry : index.ok() ? index->manifests : std::vector<Descriptor>()) {
      if (entry.platform && entry.platform->str() != "unknown/unknown") {
        platforms.push_back(entry.platform->str());
      }
    }
    return platforms;
  }
  const Result<Manifest> manifest = parse_manifest(*text);
  Result<UniqueFd> fd =
      manifest.ok() ? blobs.open_blob(manifest->config.digest) : manifest.status();
  Result<std::string> bytes = fd.ok() ? read_all(fd->get(), kMaxConfigBytes) : fd.status();
  const Result<ImageConfig> config = bytes.ok() ? parse_config(*bytes) : bytes.status();
  if (config.ok()) {
    platforms.push_back(config->platform.str());
  }
  return platforms;
}

KeptImage describe(const BlobFolder& blobs, const Descriptor& entry) {
  KeptImage image{.name = entry_name(entry), .root = entry};
  struct stat about{};
  if (::fstatat(blobs.root(), BlobFolder::path_of(entry.digest).c_str(), &about,
                AT_SYMLINK_NOFOLLOW) == 0) {
    image.used_unix = about.st_mtime;
  }
  const auto parts = walk(entry, documents_of(blobs));
  image.whole = parts.ok();
  for (const Descriptor& part : parts.ok() ? *parts : std::vector<Descriptor>()) {
    const Result<int64_t> size = blobs.size(part.digest);
    image.whole = image.whole && size.ok();
    image.bytes += size.ok() ? *size : 0;
  }
  image.platforms = platforms_of(blobs, entry);
  return image;
}

std::unordered_set<std::string> needed_by(const fs::path& folder, const BlobFolder& blobs) {
  std::unordered_set<std::string> needed;
  const Result<Index> index = read_index_file(folder);
  for (const Descriptor& root : index.ok() ? index->manifests : std::vector<Descriptor>()) {
    needed.insert(root.digest);
    const auto parts = walk(root, documents_of(blobs));
    for (const Descriptor& part : parts.ok() ? *parts : std::vector<Descriptor>()) {
      needed.insert(part.digest);
    }
  }
  return needed;
}

// Removes what no image needs until `total` is at most `keep`.
void remove_unneeded(const fs::path& folder, const BlobFolder& blobs, int64_t keep, int64_t& total,
                     PruneResult& result) {
  const auto needed = needed_by(folder, blobs);
  for (const File& file : blobs_by_age(folder)) {
    if (total <= keep) {
      return;
    }
    if (!needed.contains(file.digest) &&
        ::unlinkat(blobs.root(), BlobFolder::path_of(file.digest).c_str(), 0) == 0) {
      total -= file.bytes;
      ++result.blobs;
      result.bytes += file.bytes;
    }
  }
}

}  // namespace

Result<std::vector<KeptImage>> kept_images(const fs::path& folder) {
  std::vector<KeptImage> images;
  const Result<Index> index = read_index_file(folder);
  if (!index.ok()) {
    return index.status().code() == Code::kNotFound ? Result<std::vector<KeptImage>>(images)
                                                    : index.status();
  }
  KTL_ASSIGN(const BlobFolder blobs, BlobFolder::open(folder));
  for (const Descriptor& entry : index->manifests) {
    images.push_back(describe(blobs, entry));
  }
  std::ranges::stable_sort(images, std::ranges::greater(), &KeptImage::used_unix);
  return images;
}

Result<KeptImage> kept_image(const fs::path& folder, const std::string& word) {
  const Result<Reference> name = parse_tag(word);
  KTL_ASSIGN(std::vector<KeptImage> images, kept_images(folder));
  for (KeptImage& image : images) {
    if (image.root.digest == word || (name.ok() && image.name == name->str())) {
      return std::move(image);
    }
  }
  return Status(Code::kNotFound, "the store has no image \"" + valid_utf8(word) + "\"")
      .advise("see `ktl image ls`");
}

void mark_used(const fs::path& folder, const std::string& digest) {
  ::utimensat(AT_FDCWD, (folder / BlobFolder::path_of(digest)).c_str(), nullptr,
              AT_SYMLINK_NOFOLLOW);
}

Status forget_images(const fs::path& folder, const std::vector<KeptImage>& images) {
  return update_index_file(folder, [&](Index& index) {
    std::erase_if(index.manifests, [&](const Descriptor& entry) {
      return std::ranges::any_of(images, [&](const KeptImage& image) {
        return image.name == entry_name(entry) && image.root.digest == entry.digest;
      });
    });
    return Status();
  });
}

Result<ShrinkResult> shrink(const fs::path& folder, int64_t keep_bytes) {
  KTL_ASSIGN(const UniqueFd alone, lock_store_alone(folder));
  KTL_ASSIGN(const BlobFolder blobs, BlobFolder::open(folder));
  ShrinkResult result;
  int64_t total = total_of(blobs_by_age(folder));
  remove_unneeded(folder, blobs, keep_bytes, total, result.blobs);
  KTL_ASSIGN(std::vector<KeptImage> images, kept_images(folder));
  while (total > keep_bytes && !images.empty()) {
    KTL_TRY(forget_images(folder, {images.back()}));
    result.images.push_back(images.back().name);
    images.pop_back();
    remove_unneeded(folder, blobs, keep_bytes, total, result.blobs);
  }
  return result;
}

Status limit_store(const fs::path& folder, int64_t most_bytes) {
  return total_of(blobs_by_age(folder)) <= most_bytes
             ? Status()
             : write_file_atomic(due_file(folder), std::to_string(most_bytes), 0600);
}

void shrink_if_due(const fs::path& folder) {
  const Result<std::string> text = read_file(due_file(folder), 32);
  int64_t bytes = -1;
  if (text.ok()) {
    std::from_chars(text->data(), text->data() + text->size(), bytes);
  }
  std::error_code ignored;
  if (text.ok() && (bytes < 0 || shrink(folder, bytes).ok())) {
    fs::remove(due_file(folder), ignored);
  }
}

}  // namespace ktl::oci
