// ktl's own content store: an OCI image layout, so that every OCI tool can read it.
//
//   oci-layout                  {"imageLayoutVersion":"1.0.0"}
//   index.json                  the images kept by name (index_file.h)
//   blobs/sha256/<64 hex>       content by digest, mode 0444, never changed once there
//   shrink-to                   there when it grew beyond its limit (kept_images.h)
//   ingest/                     what is being written where O_TMPFILE does not work
//
// Locks are flock(2) on folders, so that no lock files lie in the layout: users of the store hold
// `blobs` shared, prune holds it exclusively.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/status.h"
#include "oci/blob_folder.h"
#include "oci/descriptor.h"

namespace ktl::oci {

// kSynced: a blob is on the disk before it gets its name, so that a power cut never leaves a name
// with other bytes. kFast leaves that to the kernel: for tests.
enum class Durability { kSynced, kFast };

// An open store. Every method may be called from any thread and by several processes at once.
class Store {
 public:
  // Makes the folder (mode 0700) and what belongs in it. The shared lock is held until the object
  // goes; waits while another ktl prunes.
  static Result<Store> open(const std::filesystem::path& folder,
                            Durability durability = Durability::kSynced);

  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
  [[nodiscard]] const BlobFolder& blobs() const { return blobs_; }

  // As in BlobFolder.
  [[nodiscard]] Result<UniqueFd> open_blob(std::string_view digest) const {
    return blobs_.open_blob(digest);
  }
  [[nodiscard]] Result<int64_t> size(std::string_view digest) const { return blobs_.size(digest); }

  // An empty file to write to. Without commit it is gone when the descriptor closes (where
  // O_TMPFILE does not work: an hour later, when the store is opened again).
  [[nodiscard]] Result<UniqueFd> create() const;
  // Hashes all of `fd` (made by create) and gives it its name. kDataLoss when the digest is another
  // one. A blob that is there already stays, and counts as used now.
  [[nodiscard]] Status commit(int fd, std::string_view digest) const;
  // create, write and commit in one: the descriptor of `bytes`, media type as given.
  [[nodiscard]] Result<Descriptor> put(std::string_view bytes, std::string_view media_type) const;

 private:
  Store(std::filesystem::path folder, BlobFolder blobs, UniqueFd lock, Durability durability)
      : folder_(std::move(folder)),
        blobs_(std::move(blobs)),
        lock_(std::move(lock)),
        durability_(durability) {}
  [[nodiscard]] Status give_name(int fd, const std::string& name) const;

  std::filesystem::path folder_;
  BlobFolder blobs_;
  UniqueFd lock_;
  Durability durability_;
};

}  // namespace ktl::oci
