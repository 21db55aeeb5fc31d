// What became visible, and the store's part of it.
#pragma once

#include <filesystem>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "oci/descriptor.h"
#include "oci/reference.h"
#include "wish.h"

namespace ktl::export_oci {

// Names `root` in index.json of ktl's store, once for each tag; without a tag it takes the place of
// the last image that had none.
Status keep_in_store(const std::filesystem::path& store, const oci::Descriptor& root,
                     const std::vector<oci::Reference>& tags);

// ktl.receipts/1: one receipt for each name and place.
json::object receipts_of(const Wish& wish, const oci::Descriptor& root,
                         const std::filesystem::path& store);

}  // namespace ktl::export_oci
