// Content that locks name, kept on this machine: an oci::Store of its own, without names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "lock/lock_file.h"
#include "oci/prune.h"
#include "oci/store.h"

namespace ktl::lock {

inline constexpr int64_t kMostKept = int64_t{10} << 30U;  // bytes, when nobody says otherwise

// Below ktl's state folder.
std::filesystem::path kept_folder(const std::filesystem::path& state);

// Counts as used now: what was not used for the longest goes first.
void mark_kept(const oci::Store& store, const std::string& digest);

// Removes what was not used for the longest until at most `most_bytes` are left. kUnavailable when
// another ktl has the store open.
Result<oci::PruneResult> prune_kept(const std::filesystem::path& folder, int64_t most_bytes);

// Digests of everything that `lock` names and images consist of, sorted, each once; of an index the
// platforms that are kept. kNotFound names the first that is not.
Result<std::vector<std::string>> content_of(const Lock& lock, const oci::Store& store);

}  // namespace ktl::lock
