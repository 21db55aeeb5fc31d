#include "lock/kept_image.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "oci/manifest.h"
#include "oci/walk.h"

namespace ktl::lock {
namespace {

bool has_all(const oci::BlobFolder& blobs, const oci::Descriptor& root) {
  const auto all = oci::walk(root, oci::documents_of(blobs));
  return all.ok() && std::ranges::all_of(*all, [&](const oci::Descriptor& one) {
           const auto size = blobs.size(one.digest);
           return size.ok() && *size == one.size;
         });
}

// "linux/arm64" of "linux/arm64/v8": among variants the builder chooses.
std::string family(const std::string& platform) {
  const size_t slash = platform.find('/');
  return platform.substr(0, slash == std::string::npos ? slash : platform.find('/', slash + 1));
}

bool is_for(const oci::Descriptor& entry, const std::vector<std::string>& platforms) {
  return entry.platform && std::ranges::any_of(platforms, [&](const std::string& platform) {
           return family(platform) == family(entry.platform->str());
         });
}

// Manifests of an index that a build may want: what attests one is none.
std::vector<oci::Descriptor> entries_of(const oci::Index& index) {
  std::vector<oci::Descriptor> entries = index.manifests;
  std::erase_if(entries, [](const oci::Descriptor& entry) {
    return entry.platform && entry.platform->os == "unknown";
  });
  return entries;
}

Result<oci::Descriptor> root_of(const oci::BlobFolder& blobs, const std::string& digest,
                                std::string& text) {
  oci::Descriptor root;
  KTL_ASSIGN(text, blobs.read(digest, oci::kMaxManifestBytes));
  KTL_ASSIGN(root.media_type, oci::media_type_of(text));
  root.digest = digest;
  root.size = static_cast<int64_t>(text.size());
  return root;
}

// The manifests that make up what is kept of the image.
std::vector<oci::Descriptor> manifests_of(const oci::BlobFolder& blobs, const oci::Descriptor& root,
                                          const std::string& text) {
  const auto index = oci::parse_index(text);
  if (!index.ok()) {
    return {root};
  }
  std::vector<oci::Descriptor> whole = entries_of(*index);
  std::erase_if(whole, [&](const oci::Descriptor& entry) { return !has_all(blobs, entry); });
  return whole;
}

Status copy(const oci::BlobFolder& from, const oci::Store& store, const std::string& digest) {
  KTL_ASSIGN(const UniqueFd in, from.open_blob(digest));
  KTL_ASSIGN(const UniqueFd out, store.create());
  std::array<char, 1 << 16> piece{};
  for (ssize_t got = 1; got > 0;) {
    got = ::read(in.get(), piece.data(), piece.size());
    if (got < 0) {
      return errno_status("read " + digest, errno);
    }
    KTL_TRY(write_all(out.get(), {piece.data(), static_cast<size_t>(got)}));
  }
  return store.commit(out.get(), digest);
}

Status bring_blob(const oci::BlobFolder& from, const oci::Store& store, const std::string& digest) {
  if (store.size(digest).ok()) {
    return {};
  }
  const std::string path = oci::BlobFolder::path_of(digest);
  if (::linkat(from.root(), path.c_str(), store.blobs().root(), path.c_str(), 0) == 0 ||
      errno == EEXIST) {
    return {};
  }
  return copy(from, store, digest);
}

}  // namespace

bool is_kept(const oci::BlobFolder& blobs, const std::string& digest,
             const std::vector<std::string>& platforms) {
  std::string text;
  const auto root = root_of(blobs, digest, text);
  if (!root.ok()) {
    return false;
  }
  const auto index = oci::parse_index(text);
  if (!index.ok()) {
    return has_all(blobs, *root);
  }
  std::vector<oci::Descriptor> wanted = entries_of(*index);
  if (platforms.empty()) {
    return !manifests_of(blobs, *root, text).empty();
  }
  std::erase_if(wanted, [&](const oci::Descriptor& entry) { return !is_for(entry, platforms); });
  return !wanted.empty() && std::ranges::all_of(wanted, [&](const oci::Descriptor& entry) {
    return has_all(blobs, entry);
  });
}

Status bring(const oci::BlobFolder& kept, const oci::Store& store, const std::string& digest) {
  std::string text;
  KTL_ASSIGN(const oci::Descriptor root, root_of(kept, digest, text));
  for (const oci::Descriptor& manifest : manifests_of(kept, root, text)) {
    KTL_ASSIGN(const auto all, oci::walk(manifest, oci::documents_of(kept)));
    for (const oci::Descriptor& one : all) {
      KTL_TRY(bring_blob(kept, store, one.digest));
    }
  }
  return bring_blob(kept, store, digest);
}

}  // namespace ktl::lock
