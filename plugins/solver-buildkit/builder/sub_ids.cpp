#include "builder/sub_ids.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "base/fd.h"
#include "base/json.h"
#include "base/number.h"
#include "builder/lock.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 4U << 20U;
constexpr int64_t kLockMs = 10'000;

// The first id of every slot in these ranges.
std::vector<uint32_t> slots_of(const std::string& file, bool root) {
  auto text = read_file(file, kMaxFile);
  std::vector<uint32_t> slots;
  for (const std::string& name : sub_id_names(root)) {
    for (const IdRange& range : ranges_in(text.ok() ? *text : "", {name})) {
      for (uint32_t at = 0; range.count - at >= kSlotIds; at += kSlotIds) {
        slots.push_back(range.first + at);
      }
    }
    if (!slots.empty() && root) {
      break;  // "root" may be somebody else's as well; it is asked only when there is no "ktl"
    }
  }
  return slots;
}

// The zones with a slot, in the order of the slots.
Result<std::vector<std::string>> recorded(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error)) {
    return std::vector<std::string>();
  }
  KTL_ASSIGN(std::string text, read_file(file, kMaxFile));
  auto record = parse_json(text);
  if (!record.ok() || field_of(*record, "zones") == nullptr) {
    return Status(Code::kFailedPrecondition, file.string() + " is no record of trust zones")
        .advise("stop all private builders, then remove it");
  }
  return texts_of(*record, "zones");
}

Result<size_t> add_zone(const std::string& zone, const std::filesystem::path& file, size_t slots,
                        bool root, const Caller& caller) {
  const auto lock_path = file.parent_path() / "sub-ids.lock";
  KTL_ASSIGN(UniqueFd lock, lock_file(lock_path, LockMode::kExclusive, kLockMs, caller));
  KTL_ASSIGN(std::vector<std::string> zones, recorded(file));
  auto known = std::ranges::find(zones, zone);
  if (known != zones.end()) {
    return static_cast<size_t>(known - zones.begin());
  }
  if (zones.size() >= slots) {
    return Status(Code::kUnavailable,
                  fmt::format("trust zone '{}' needs {} sub-ids of its own, and all that are "
                              "reserved belong to other zones",
                              zone, kSlotIds))
        .at(file.string())
        .advise(sub_id_advice(root));
  }
  zones.push_back(zone);
  json::object record{{"schema", "ktl.sub-ids/1"},
                      {"zones", json::array(zones.begin(), zones.end())}};
  KTL_TRY(write_file_atomic(file, pretty_json(record), 0644));
  return zones.size() - 1;
}

Status make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    return errno_status("make " + folder.string(), errno);
  }
  return {};
}

}  // namespace

std::vector<IdRange> ranges_in(const std::string& text, const std::vector<std::string>& names) {
  std::vector<IdRange> ranges;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name, first, count;
    std::getline(fields, name, ':');
    std::getline(fields, first, ':');
    std::getline(fields, count);
    const int64_t begin = whole_number(first).value_or(0);
    const int64_t size = whole_number(count).value_or(0);
    const bool fits = begin > 0 && size > 0 && begin < UINT32_MAX && size < UINT32_MAX - begin;
    if (fits && std::ranges::find(names, name) != names.end()) {
      ranges.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(size)});
    }
  }
  return ranges;
}

std::vector<std::string> sub_id_names(bool root) {
  if (root) {
    return {"ktl", "root"};
  }
  const passwd* entry = ::getpwuid(::getuid());
  std::string number = std::to_string(::getuid());
  return entry == nullptr ? std::vector{number} : std::vector<std::string>{entry->pw_name, number};
}

std::string sub_id_advice(bool root) {
  return root ? "scripts/install reserves them; or add 'ktl:1879048192:4194304' to /etc/subuid and "
                "/etc/subgid"
              : "as root: usermod --add-subuids FIRST-LAST --add-subgids FIRST-LAST " +
                    sub_id_names(false).front() +
                    ", with 65536 unused ids for each trust zone, such as 100000-165535";
}

Result<SubIds> sub_ids_for(const std::string& zone, bool root, const std::filesystem::path& folder,
                           const Caller& caller) {
  const std::vector<uint32_t> uids = slots_of("/etc/subuid", root);
  const std::vector<uint32_t> gids = slots_of("/etc/subgid", root);
  const size_t slots = std::min(uids.size(), gids.size());
  if (slots == 0) {
    return Status(Code::kUnavailable, fmt::format("{} has no {} sub-ids for {}",
                                                  uids.empty() ? "/etc/subuid" : "/etc/subgid",
                                                  kSlotIds, sub_id_names(root).front()))
        .advise(sub_id_advice(root));
  }
  KTL_TRY(make_folder(folder));
  const auto file = folder / "sub-ids.json";
  KTL_ASSIGN(std::vector<std::string> zones, recorded(file));
  auto known = std::ranges::find(zones, zone);
  auto slot = static_cast<size_t>(known - zones.begin());
  if (known == zones.end()) {
    KTL_ASSIGN(slot, add_zone(zone, file, slots, root, caller));
  }
  if (slot >= slots) {
    return Status(Code::kUnavailable,
                  "the sub-ids of trust zone '" + zone + "' are not reserved any more")
        .at(file.string())
        .advise(sub_id_advice(root));
  }
  return SubIds{uids[slot], gids[slot], !root};
}

std::filesystem::path sub_id_folder(bool root, const std::filesystem::path& state) {
  return root ? std::filesystem::path("/var/lib/ktl") : state;
}

}  // namespace ktl::builder
