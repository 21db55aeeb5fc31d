// Brings an image to a registry: content by digest first, tags when everything is there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "oci/blob_folder.h"
#include "oci/descriptor.h"
#include "oci/registry/registry.h"

namespace ktl::oci {

struct PushOptions {
  int connections = 4;  // blobs on their way at once
  std::function<bool()> stop;
  // Bytes of a blob sent so far; `done` once it is in the registry, also when it was there before.
  // Called from several threads at once.
  std::function<void(const Descriptor& blob, int64_t sent, bool done)> on_blob;
};

// Makes everything in `blobs` (walk.h's order: the root last) exist in the repository under its
// digest; no tag changes. Blobs that are there do not travel. The first failure stops the rest.
Status push_content(Registry& registry, const BlobFolder& store,
                    const std::vector<Descriptor>& blobs, const PushOptions& options);

// A tag and what it meant before, so that it can be given back.
struct TagChange {
  std::string tag;
  std::optional<std::string> before;  // digest
};

// Points `tag` at `root`, which push_content brought there.
Result<TagChange> push_tag(Registry& registry, const BlobFolder& store, const Descriptor& root,
                           const std::string& tag);

// Gives the tag its old meaning, or removes it when it had none.
Status restore_tag(Registry& registry, const TagChange& change);

}  // namespace ktl::oci
