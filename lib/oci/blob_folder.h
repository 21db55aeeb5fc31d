// The blobs/sha256 of an OCI image layout, for reading: ktl's own store and folders users name.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md#blobs
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/status.h"

namespace ktl::oci {

// An image layout opened for reading. Every method may be called from any thread. Nothing outside
// the folder is ever opened, whatever links lie in it.
class BlobFolder {
 public:
  // `folder` must exist.
  static Result<BlobFolder> open(const std::filesystem::path& folder);

  // A descriptor at offset 0; kNotFound when absent, kInvalidArgument when `digest` is none.
  [[nodiscard]] Result<UniqueFd> open_blob(std::string_view digest) const;
  [[nodiscard]] Result<int64_t> size(std::string_view digest) const;
  // A document's bytes, checked against the digest: damage is kDataLoss.
  [[nodiscard]] Result<std::string> read(std::string_view digest, size_t limit) const;

  [[nodiscard]] int root() const { return root_.get(); }

  // "blobs/sha256/<hex>", below the folder; `digest` must be one.
  static std::string path_of(std::string_view digest);

 private:
  explicit BlobFolder(UniqueFd root) : root_(std::move(root)) {}
  UniqueFd root_;
};

}  // namespace ktl::oci
