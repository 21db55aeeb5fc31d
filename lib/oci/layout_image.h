// An image on its way out of the store, and how its blobs reach another place.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "oci/blob_folder.h"
#include "oci/descriptor.h"
#include "oci/reference.h"

namespace ktl::oci {

struct LayoutImage {
  Descriptor root;
  std::vector<Descriptor> blobs;    // everything reachable, the root last (walk.h)
  std::vector<Descriptor> entries;  // for index.json: the root once per name
};

// The image of `root` in `store` under `names`; without names one entry that has none. Every blob
// must be there in its size, else kDataLoss.
Result<LayoutImage> layout_image(const BlobFolder& store, const Descriptor& root,
                                 const std::vector<Reference>& names);

// Makes `digest` appear in another layout: by hard link, reflink or copy, whichever works first. A
// hard link shares the bytes with the store; blobs are read-only files, as in git's object store.
// True when it was made, false when it was there already in the right size.
Result<bool> place_blob(const BlobFolder& from, const BlobFolder& to, const Descriptor& blob);

// Copies all of `from`, which must be `size` bytes, to the position of `to`.
Status copy_bytes(int from, int to, int64_t size);

}  // namespace ktl::oci
