// Which users and groups of this machine a jail's users and groups are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/status.h"
#include "builder/caller.h"

namespace ktl::builder {

// The first uid and gid of a slot of kSlotIds of each that no other trust zone has. `own`: inside 0
// is the user itself and 1 is the first of the slot; else inside 0 is the first of the slot.
struct SubIds {
  uint32_t uid = 0;
  uint32_t gid = 0;
  bool own = false;

  bool operator==(const SubIds&) const = default;
};

inline constexpr uint32_t kSlotIds = 65536;  // images know users up to 65534

// A line of subuid(5).
struct IdRange {
  uint32_t first = 0;
  uint32_t count = 0;

  bool operator==(const IdRange&) const = default;
};

// The ranges that `text` gives to one of `names` (user names or numbers), in order. Lines that are
// broken, begin at 0 or do not fit into 32 bits count as absent.
std::vector<IdRange> ranges_in(const std::string& text, const std::vector<std::string>& names);

// Root's builders use what /etc/subuid and /etc/subgid reserve for "ktl", else for "root"; a user's
// what is theirs.
std::vector<std::string> sub_id_names(bool root);

// How root or this user gets (more) ranges.
std::string sub_id_advice(bool root);

// The zone's slot; gives it the next free one when it has none yet, which `folder`/sub-ids.json
// records for good. kUnavailable: no range, or none left; else what went wrong with the record.
Result<SubIds> sub_ids_for(const std::string& zone, bool root, const std::filesystem::path& folder,
                           const Caller& caller);

// Where the record is: one for the whole machine for root, since its ranges are the machine's.
std::filesystem::path sub_id_folder(bool root, const std::filesystem::path& state);

}  // namespace ktl::builder
