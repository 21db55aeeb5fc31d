// Frees the space of blobs that no image of the store needs any more.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/fd.h"
#include "base/status.h"
#include "oci/manifest.h"

namespace ktl::oci {

struct PruneResult {
  int64_t blobs = 0;
  int64_t bytes = 0;
};

// Holds the store as long as the descriptor lives, so that nobody else opens it. kUnavailable when
// another ktl has it open.
Result<UniqueFd> lock_store_alone(const std::filesystem::path& folder);

// Removes blobs of ktl's store that nothing in index.json needs and that were not used for
// `min_age_s` seconds (0: all of them). kUnavailable when another ktl has the store open. When an
// image cannot be followed to its end, nothing is removed.
Result<PruneResult> prune(const std::filesystem::path& folder, int64_t min_age_s);

// Removes from a layout the blobs of `old_roots` that nothing in `index` needs: what replacing an
// image leaves behind. The caller holds the layout's lock. Blobs of unknown origin stay.
Result<PruneResult> remove_replaced(const std::filesystem::path& folder,
                                    const std::vector<Descriptor>& old_roots, const Index& index);

}  // namespace ktl::oci
