// Images that are kept whole, so that a builder needs no registry for them.
#pragma once

#include <string>
#include <vector>

#include "oci/blob_folder.h"
#include "oci/store.h"

namespace ktl::lock {

// Whether `blobs` has all of the image `digest` that a build for `platforms` needs ("linux/arm64";
// none: for any one that is there).
bool is_kept(const oci::BlobFolder& blobs, const std::string& digest,
             const std::vector<std::string>& platforms);

// Gives `store` what it lacks of the image, from `kept`: by a second name where both are on one
// file system. Checks again what it copies.
Status bring(const oci::BlobFolder& kept, const oci::Store& store, const std::string& digest);

}  // namespace ktl::lock
