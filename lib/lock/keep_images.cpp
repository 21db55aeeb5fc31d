#include "lock/keep_images.h"

#include <algorithm>

#include "lock/kept_content.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ktl::lock {
namespace {

constexpr int kMostDepth = 4;

// "linux/arm64" of "linux/arm64/v8".
std::string family(const std::string& platform) {
  const size_t slash = platform.find('/');
  return platform.substr(0, slash == std::string::npos ? slash : platform.find('/', slash + 1));
}

class Walk {
 public:
  Walk(oci::Registry& registry, const oci::Store& store, const std::set<std::string>& platforms)
      : registry_(registry), store_(store) {
    for (const std::string& platform : platforms) {
      families_.insert(family(platform));
    }
  }

  Status document(const std::string& digest, int depth) {
    KTL_ASSIGN(const std::string text, text_of(digest));
    KTL_ASSIGN(const std::string type, oci::media_type_of(text));
    if (!oci::is_index_type(type)) {
      return manifest(text);
    }
    if (depth >= kMostDepth) {
      return {Code::kResourceExhausted, digest + " is an index within too many others"};
    }
    KTL_ASSIGN(const oci::Index index, oci::parse_index(text));
    for (const oci::Descriptor& entry : index.manifests) {
      if (!entry.platform || families_.contains(family(entry.platform->str()))) {
        KTL_TRY(document(entry.digest, depth + 1));
      }
    }
    return {};
  }

 private:
  Result<std::string> text_of(const std::string& digest) {
    if (auto kept = store_.blobs().read(digest, oci::kMaxManifestBytes); kept.ok()) {
      mark_kept(store_, digest);
      return kept;
    }
    KTL_ASSIGN(std::string text, registry_.manifest(digest));
    KTL_TRY(store_.put(text, "").status());
    return text;
  }

  Status manifest(const std::string& text) {
    KTL_ASSIGN(const oci::Manifest manifest, oci::parse_manifest(text));
    KTL_TRY(blob(manifest.config));
    for (const oci::Descriptor& layer : manifest.layers) {
      if (layer.urls.empty()) {
        KTL_TRY(blob(layer));
      }
    }
    return {};
  }

  Status blob(const oci::Descriptor& blob) {
    if (const auto size = store_.size(blob.digest); size.ok() && *size == blob.size) {
      mark_kept(store_, blob.digest);
      return {};
    }
    KTL_ASSIGN(const UniqueFd file, store_.create());
    KTL_TRY(registry_.read_blob(blob, file.get()));
    return store_.commit(file.get(), blob.digest);
  }

  oci::Registry& registry_;
  const oci::Store& store_;
  std::set<std::string> families_;
};

}  // namespace

Status keep_image(oci::Registry& registry, const oci::Store& store, const std::string& digest,
                  const std::set<std::string>& platforms) {
  return Walk(registry, store, platforms).document(digest, 0);
}

}  // namespace ktl::lock
