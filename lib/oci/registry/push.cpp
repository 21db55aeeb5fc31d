#include "oci/registry/push.h"

#include <atomic>
#include <mutex>
#include <thread>

#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ktl::oci {
namespace {

bool is_document(const Descriptor& blob) {
  return is_index_type(blob.media_type) || is_manifest_type(blob.media_type);
}

Status push_blob(Registry& registry, const BlobFolder& store, const Descriptor& blob,
                 const PushOptions& options) {
  auto report = [&](int64_t sent, bool done) {
    if (options.on_blob) {
      options.on_blob(blob, sent, done);
    }
  };
  KTL_ASSIGN(bool there, registry.has_blob(blob));
  if (!there) {
    KTL_ASSIGN(UniqueFd fd, store.open_blob(blob.digest));
    KTL_TRY(registry.upload_blob(blob, fd.get(), [&](int64_t sent) { report(sent, false); }));
  }
  report(blob.size, true);
  return {};
}

// A few workers that take the next blob until none is left or one of them failed.
class BlobPush {
 public:
  BlobPush(Registry& registry, const BlobFolder& store, const PushOptions& options,
           std::vector<const Descriptor*> blobs)
      : registry_(registry), store_(store), options_(options), blobs_(std::move(blobs)) {}

  Status run() {
    std::vector<std::thread> workers;
    size_t count = std::min(blobs_.size(), static_cast<size_t>(std::max(options_.connections, 1)));
    for (size_t i = 0; i < count; ++i) {
      workers.emplace_back([this] { work(); });
    }
    for (auto& worker : workers) {
      worker.join();
    }
    return std::move(failure_);
  }

 private:
  void work() {
    while (!failed_) {
      size_t mine = next_++;
      if (mine >= blobs_.size()) {
        return;
      }
      Status status = options_.stop && options_.stop()
                          ? Status(Code::kCancelled, "the push was stopped")
                          : push_blob(registry_, store_, *blobs_[mine], options_);
      if (!status.ok()) {
        std::lock_guard lock(mutex_);
        if (!failed_.exchange(true)) {
          failure_ = std::move(status);
        }
      }
    }
  }

  Registry& registry_;
  const BlobFolder& store_;
  const PushOptions& options_;
  std::vector<const Descriptor*> blobs_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  Status failure_;
};

}  // namespace

Status push_content(Registry& registry, const BlobFolder& store,
                    const std::vector<Descriptor>& blobs, const PushOptions& options) {
  std::vector<const Descriptor*> plain;
  std::vector<const Descriptor*> documents;
  for (const auto& blob : blobs) {
    (is_document(blob) ? documents : plain).push_back(&blob);
  }
  KTL_TRY(BlobPush(registry, store, options, std::move(plain)).run());
  for (const auto* document : documents) {
    KTL_ASSIGN(std::string bytes, store.read(document->digest, kMaxManifestBytes));
    KTL_TRY(registry.put_manifest(document->digest, document->media_type, bytes));
    if (options.on_blob) {
      options.on_blob(*document, document->size, true);
    }
  }
  return {};
}

Result<TagChange> push_tag(Registry& registry, const BlobFolder& store, const Descriptor& root,
                           const std::string& tag) {
  TagChange change{tag, {}};
  KTL_ASSIGN(change.before, registry.manifest_digest(tag));
  KTL_ASSIGN(std::string bytes, store.read(root.digest, kMaxManifestBytes));
  KTL_TRY(registry.put_manifest(tag, root.media_type, bytes));
  return change;
}

Status restore_tag(Registry& registry, const TagChange& change) {
  if (!change.before) {
    return registry.remove_tag(change.tag);
  }
  KTL_ASSIGN(std::string bytes, registry.manifest(*change.before));
  KTL_ASSIGN(std::string media_type, media_type_of(bytes));
  return registry.put_manifest(change.tag, media_type, bytes);
}

}  // namespace ktl::oci
