#include "lock/lock_file.h"

#include <algorithm>
#include <functional>

#include "base/json.h"
#include "base/sha256.h"
#include "http/url.h"
#include "lock/pinned.h"
#include "oci/reference.h"

namespace ktl::lock {
namespace {

constexpr std::string_view kSchema = "ktl.lock/1";
constexpr size_t kMostType = 256;
constexpr size_t kShown = 200;

Status bad(const std::string& what) {
  return Status(Code::kInvalidArgument, "ktl.lock " + what)
      .advise("take the file as it was written, or let ktl lock write a new one");
}

Status bad_entry(const json::value& entry) {
  return bad("has an entry that is malformed or there twice: " +
             json::serialize(entry).substr(0, kShown));
}

template <class Entries, class Write>
void add_list(std::string_view name, const Entries& entries, Write write, std::string& text) {
  text += ",\n \"" + std::string(name) + "\": [";
  std::string_view between = "\n  ";
  for (const auto& entry : entries) {
    text += std::string(between) + json::serialize(write(entry));
    between = ",\n  ";
  }
  text += entries.empty() ? "]" : "\n ]";
}

auto write_pair(const char* key, const char* value) {
  return [key, value](const auto& entry) {
    return json::object{{key, entry.first}, {value, entry.second}};
  };
}

json::object write_download(const Download& one) {
  json::object entry{
      {"step", one.step}, {"url", one.url}, {"digest", one.digest}, {"size", one.size}};
  if (!one.type.empty()) {
    entry["type"] = one.type;
  }
  return entry;
}

json::object write_unlockable(const Unlockable& one) {
  return {{"step", one.step}, {"method", one.method}, {"url", one.url}, {"reason", one.reason}};
}

using Take = std::function<Status(const json::value&)>;

Status take_list(const json::value& document, std::string_view name, const Take& take) {
  const json::value* list = field_of(document, name);
  if (list == nullptr || !list->is_array() || list->as_array().size() > kMostEntries) {
    return bad("has no list \"" + std::string(name) + "\", or too long a one");
  }
  for (const json::value& entry : list->as_array()) {
    KTL_TRY(take(entry));
  }
  return {};
}

Take take_pair(const char* key, const char* value, bool (*is_valid)(std::string_view),
               std::map<std::string, std::string>& to) {
  return [=, &to](const json::value& entry) -> Status {
    const std::string name(text_of(entry, key));
    const std::string digest(text_of(entry, value));
    const bool taken = !name.empty() && is_valid(digest) && to.emplace(name, digest).second;
    return taken ? Status() : bad_entry(entry);
  };
}

// A header of an answer: nothing that could end it.
bool is_type(std::string_view text) {
  return text.size() <= kMostType &&
         std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

Take take_download(std::vector<Download>& to) {
  return [&to](const json::value& entry) -> Status {
    Download one{std::string(text_of(entry, "step")), std::string(text_of(entry, "url")),
                 std::string(text_of(entry, "digest")), int_of(entry, "size", -1),
                 std::string(text_of(entry, "type"))};
    if (one.step.empty() || !http::parse_url(one.url).ok() || !is_digest(one.digest) ||
        one.size < 0 || !is_type(one.type)) {
      return bad_entry(entry);
    }
    to.push_back(std::move(one));
    return {};
  };
}

Take take_unlockable(std::vector<Unlockable>& to) {
  return [&to](const json::value& entry) -> Status {
    to.push_back({std::string(text_of(entry, "step")), std::string(text_of(entry, "method")),
                  std::string(text_of(entry, "url")), std::string(text_of(entry, "reason"))});
    const Unlockable& one = to.back();
    return one.url.empty() || one.reason.empty() ? bad_entry(entry) : Status();
  };
}

// One step, one URL: one content.
Status check_once(const std::vector<Download>& sorted) {
  const auto twice = std::ranges::adjacent_find(sorted, [](const Download& a, const Download& b) {
    return a.step == b.step && a.url == b.url;
  });
  return twice == sorted.end() ? Status() : bad_entry(write_download(*twice));
}

template <class Entry>
std::vector<Entry> sorted_once(std::vector<Entry> list) {
  std::ranges::sort(list);
  list.erase(std::ranges::unique(list).begin(), list.end());
  return list;
}

template <class Entry>
const Entry* find_in(const std::vector<Entry>& list, std::string_view step, std::string_view url) {
  const auto found = std::ranges::find_if(
      list, [&](const Entry& one) { return one.url == url && (step.empty() || one.step == step); });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

std::string image_key(const std::string& ref) {
  auto image = oci::parse_reference(ref);
  if (!image.ok()) {
    return ref;
  }
  image->tag = image->tag.empty() && image->digest.empty() ? "latest" : image->tag;
  return image->str();
}

std::string instruction_of(std::string_view step) {
  const size_t end = step.starts_with('[') ? step.find("] ") : std::string_view::npos;
  return std::string(end == std::string_view::npos ? step : step.substr(end + 2));
}

std::string Lock::digest_of(std::string_view kind, const std::string& ref) const {
  const auto& from = kind == "http" ? files : kind == "git" ? repositories : images;
  const auto found = from.find(&from == &images ? image_key(ref) : ref);
  return found == from.end() ? "" : found->second;
}

const Download* Lock::find(std::string_view step, std::string_view url) const {
  return find_in(downloads, step, url);
}

const Unlockable* Lock::refused(std::string_view step, std::string_view url) const {
  return find_in(not_lockable, step, url);
}

std::string to_text(const Lock& lock) {
  std::string text = "{\n \"schema\": \"" + std::string(kSchema) + "\"";
  add_list("images", lock.images, write_pair("ref", "digest"), text);
  add_list("files", lock.files, write_pair("url", "digest"), text);
  add_list("repositories", lock.repositories, write_pair("url", "commit"), text);
  add_list("downloads", sorted_once(lock.downloads), write_download, text);
  add_list("not_lockable", sorted_once(lock.not_lockable), write_unlockable, text);
  return text + "\n}\n";
}

Result<Lock> parse_lock(std::string_view text) {
  const auto document = parse_json(text, kMostBytes);
  if (!document.ok()) {
    return bad("is no JSON: " + document.status().message());
  }
  if (text_of(*document, "schema") != kSchema) {
    return bad("is not of the schema " + std::string(kSchema));
  }
  Lock lock;
  KTL_TRY(take_list(*document, "images", take_pair("ref", "digest", is_digest, lock.images)));
  KTL_TRY(take_list(*document, "files", take_pair("url", "digest", is_digest, lock.files)));
  KTL_TRY(take_list(*document, "repositories",
                    take_pair("url", "commit", is_commit, lock.repositories)));
  KTL_TRY(take_list(*document, "downloads", take_download(lock.downloads)));
  KTL_TRY(take_list(*document, "not_lockable", take_unlockable(lock.not_lockable)));
  lock.downloads = sorted_once(std::move(lock.downloads));
  lock.not_lockable = sorted_once(std::move(lock.not_lockable));
  KTL_TRY(check_once(lock.downloads));
  return lock;
}

}  // namespace ktl::lock
