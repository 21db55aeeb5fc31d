// An OCI image layout of the user's as a blob store: --build-context oci-layout://, local caches.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "oci/blob_folder.h"
#include "oci/store.h"
#include "services/blob_store.h"

namespace ktl::solver {

class LayoutBlobs final : public BlobStore {
 public:
  // Only read; the folder must be there.
  static Result<std::unique_ptr<LayoutBlobs>> open(const std::filesystem::path& folder);
  // Read and written; made when it is missing.
  static Result<std::unique_ptr<LayoutBlobs>> make(const std::filesystem::path& folder);

  Result<UniqueFd> open_blob(const std::string& digest) override;
  Result<int64_t> blob_size(const std::string& digest) override;
  Result<UniqueFd> create_blob() override;
  Status commit_blob(int fd, const std::string& digest) override;

 private:
  LayoutBlobs() = default;
  [[nodiscard]] const oci::BlobFolder& blobs() const { return store_ ? store_->blobs() : *folder_; }

  std::optional<oci::BlobFolder> folder_;
  std::optional<oci::Store> store_;
};

}  // namespace ktl::solver
