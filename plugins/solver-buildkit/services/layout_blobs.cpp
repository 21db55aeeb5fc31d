#include "services/layout_blobs.h"

namespace ktl::solver {
namespace {

const Status kReadOnly{Code::kPermissionDenied, "this store is only read"};

}  // namespace

Result<std::unique_ptr<LayoutBlobs>> LayoutBlobs::open(const std::filesystem::path& folder) {
  std::unique_ptr<LayoutBlobs> made(new LayoutBlobs);
  KTL_ASSIGN(oci::BlobFolder blobs, oci::BlobFolder::open(folder));
  made->folder_.emplace(std::move(blobs));
  return made;
}

Result<std::unique_ptr<LayoutBlobs>> LayoutBlobs::make(const std::filesystem::path& folder) {
  std::unique_ptr<LayoutBlobs> made(new LayoutBlobs);
  KTL_ASSIGN(oci::Store store, oci::Store::open(folder));
  made->store_.emplace(std::move(store));
  return made;
}

Result<UniqueFd> LayoutBlobs::open_blob(const std::string& digest) {
  return blobs().open_blob(digest);
}

Result<int64_t> LayoutBlobs::blob_size(const std::string& digest) { return blobs().size(digest); }

Result<UniqueFd> LayoutBlobs::create_blob() {
  return store_ ? store_->create() : Result<UniqueFd>(kReadOnly);
}

Status LayoutBlobs::commit_blob(int fd, const std::string& digest) {
  return store_ ? store_->commit(fd, digest) : kReadOnly;
}

}  // namespace ktl::solver
