// The images in ktl's own store: which there are, when each was used, and which have to go.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "oci/descriptor.h"
#include "oci/prune.h"

namespace ktl::oci {

struct KeptImage {
  std::string name;  // as in index.json; empty: kept without one
  Descriptor root;
  int64_t bytes = 0;      // of all its blobs; others may share them
  int64_t used_unix = 0;  // seconds; 0: its root is not there
  bool whole = true;      // false: blobs are missing
  std::vector<std::string> platforms;
};

// All of them, the last used first. An empty store has none.
Result<std::vector<KeptImage>> kept_images(const std::filesystem::path& folder);

// The one called `word`: a name as docker understands it, or the root's digest. kNotFound.
Result<KeptImage> kept_image(const std::filesystem::path& folder, const std::string& word);

// An image counts as used when it was staged, or now.
void mark_used(const std::filesystem::path& folder, const std::string& digest);

// Takes names out of index.json; the blobs stay until the store is pruned.
Status forget_images(const std::filesystem::path& folder, const std::vector<KeptImage>& images);

struct ShrinkResult {
  PruneResult blobs;
  std::vector<std::string> images;  // names that went
};

// Brings the store's blobs down to `keep_bytes`: first what no image needs, then whole images, each
// time what was not used for the longest. kUnavailable as prune().
Result<ShrinkResult> shrink(const std::filesystem::path& folder, int64_t keep_bytes);

// Remembers that the store has to shrink when it has more than `most_bytes`; the next one who opens
// it alone does it. Nothing is removed now: builds are using it.
Status limit_store(const std::filesystem::path& folder, int64_t most_bytes);

// Does what limit_store remembered, unless somebody uses the store.
void shrink_if_due(const std::filesystem::path& folder);

}  // namespace ktl::oci
