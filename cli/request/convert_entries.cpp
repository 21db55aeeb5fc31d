#include "cli/request/convert_entries.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/suggest.h"
#include "cli/request/convert.h"

namespace ktl::cli {
namespace {

// One type of a flag: its keys, those whose value is a path, and the one it cannot do without.
struct Type {
  std::string_view name;
  std::string_view keys;      // between spaces
  std::string_view required;  // "" for none
  std::string_view path;      // "" for none
};

constexpr std::string_view kCredentials =
    " access_key_id secret_access_key session_token token ghtoken secret_access_key ";

constexpr std::array<Type, 5> kCacheFrom = {{
    {"registry", " ref registry.insecure ", "ref", ""},
    {"local", " src tag digest ", "src", "src"},
    {"gha", " url url_v2 scope timeout repository version ", "", ""},
    {"s3",
     " bucket region prefix blobs_prefix manifests_prefix name endpoint_url use_path_style "
     "touch_refresh upload_parallelism ",
     "bucket", ""},
    {"azblob", " account_url container prefix name blobs_prefix manifests_prefix ", "account_url",
     ""},
}};

constexpr std::array<Type, 6> kCacheTo = {{
    {"registry",
     " ref mode registry.insecure image-manifest oci-mediatypes oci-artifact compression "
     "compression-level force-compression ignore-error ",
     "ref", ""},
    {"local",
     " dest tag mode image-manifest oci-mediatypes oci-artifact compression compression-level "
     "force-compression ignore-error ",
     "dest", "dest"},
    {"inline", " ", "", ""},
    {"gha", " url url_v2 scope mode timeout repository version ignore-error ", "", ""},
    {"s3",
     " bucket region prefix blobs_prefix manifests_prefix name endpoint_url use_path_style "
     "touch_refresh upload_parallelism mode ignore-error ",
     "bucket", ""},
    {"azblob",
     " account_url container prefix name blobs_prefix manifests_prefix mode ignore-error ",
     "account_url", ""},
}};

constexpr std::string_view kImageKeys =
    " name compression compression-level force-compression oci-mediatypes "
    "attestation-inline rewrite-timestamp source-date-epoch prefer-nondist-layers ";
constexpr std::array<Type, 7> kOutputs = {{
    {"local", " platform-split attestation-prefix source-date-epoch mode ", "dest", "dest"},
    {"tar", " platform-split attestation-prefix source-date-epoch ", "dest", "dest"},
    {"oci", " tar ", "dest", "dest"},
    {"docker", " ", "", "dest"},
    {"image", " push push-by-digest registry.insecure ", "", ""},
    {"registry", " push push-by-digest registry.insecure ", "", ""},
    {"cacheonly", " ", "", ""},
}};

bool has_key(std::string_view keys, const std::string& key) {
  return keys.find(" " + key + " ") != std::string_view::npos;
}

std::vector<std::string> words_of(std::string_view keys) {
  std::vector<std::string> words;
  for (size_t start = keys.find_first_not_of(' '); start != std::string_view::npos;) {
    const size_t end = std::min(keys.find(' ', start), keys.size());
    words.emplace_back(keys.substr(start, end - start));
    start = keys.find_first_not_of(' ', end);
  }
  return words;
}

Status fault(const std::string& flag, const std::string& what, const std::string& next) {
  return Status(Code::kInvalidArgument, flag + ": " + what).advise(next);
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  return text;
}

struct Entry {
  std::string type;
  json::object attrs;
};

Result<Entry> read_entry(const std::string& flag, const std::string& word) {
  Entry entry;
  KTL_ASSIGN(std::vector<std::string> fields, split_record(word));
  for (const std::string& field : fields) {
    const size_t equals = field.find('=');
    if (equals == std::string::npos) {
      return fault(flag, "\"" + field + "\" has no \"=\"", "write type=TYPE,KEY=VALUE,...");
    }
    std::string key = lower(field.substr(0, equals));
    key = key.substr(std::min(key.find_first_not_of(' '), key.size()));
    if (key == "type") {
      entry.type = field.substr(equals + 1);
    } else if (!entry.attrs.emplace(key, field.substr(equals + 1)).second) {
      return fault(flag, key + " is given twice", "keep one of them");
    }
  }
  return entry;
}

Result<const Type*> type_of(const std::string& flag, const Entry& entry,
                            std::span<const Type> types) {
  auto known = std::ranges::find(types, entry.type, &Type::name);
  if (known != types.end()) {
    return &*known;
  }
  std::string list;
  for (const Type& type : types) {
    list += (list.empty() ? "" : ", ") + std::string(type.name);
  }
  return entry.type.empty()
             ? fault(flag, "it names no type", "write type=TYPE,...; the types are " + list)
             : fault(flag, "there is no type \"" + entry.type + "\"", "the types are " + list);
}

Status check_keys(const std::string& flag, const Entry& entry, const Type& type,
                  std::string_view more) {
  const std::string all = std::string(type.keys) + std::string(more);
  for (const auto& [name, value] : entry.attrs) {
    const std::string key(name);
    if (has_key(kCredentials, key)) {
      return fault(flag, key + " would put a credential on the command line",
                   "give it to the builder, or in the environment where the type reads it");
    }
    if (key != "dest" && !has_key(all, key)) {
      const std::string near = did_you_mean(key, words_of(all));
      return fault(flag, "type=" + entry.type + " does not know \"" + key + "\"",
                   near.empty() ? "its keys are:" + all : near);
    }
  }
  if (!type.required.empty() && !entry.attrs.contains(type.required)) {
    return fault(flag, "type=" + entry.type + " needs " + std::string(type.required) + "=",
                 "write type=" + entry.type + "," + std::string(type.required) + "=...");
  }
  const auto* mode = entry.attrs.if_contains("mode");
  if (mode != nullptr && flag == "--cache-to" && *mode != "min" && *mode != "max") {
    return fault(flag, "mode is min or max, not \"" + std::string(mode->as_string()) + "\"",
                 "min keeps the result's layers, max all steps'");
  }
  return {};
}

void make_absolute(json::object& attrs, std::string_view key, const Surroundings& surroundings) {
  if (auto* path = key.empty() ? nullptr : attrs.if_contains(key); path != nullptr) {
    *path = absolute(surroundings.directory, std::string(path->as_string()));
  }
}

Result<std::vector<json::object>> read_caches(const std::string& flag, const std::string& word,
                                              std::span<const Type> types,
                                              const Surroundings& surroundings) {
  std::vector<json::object> made;
  if (word.find('=') == std::string::npos) {
    for (const std::string& ref : split_commas(word)) {
      made.push_back({{"type", "registry"}, {"attrs", {{"ref", ref}}}});
    }
    return made;
  }
  KTL_ASSIGN(Entry entry, read_entry(flag, word));
  KTL_ASSIGN(const Type* type, type_of(flag, entry, types));
  if (entry.attrs.contains("dest") && type->path != "dest") {
    return fault(flag, "type=" + entry.type + " does not know \"dest\"", "leave it out");
  }
  KTL_TRY(check_keys(flag, entry, *type, ""));
  make_absolute(entry.attrs, type->path, surroundings);
  made.push_back({{"type", entry.type}, {"attrs", std::move(entry.attrs)}});
  return made;
}

// What the words mean that name no type: a folder, or "-".
Result<Entry> output_entry(const std::string& word) {
  if (word.find_first_of("=,") != std::string::npos || word.starts_with("type=")) {
    return read_entry("--output", word);
  }
  return Entry{word == "-" ? "tar" : "local", {{"dest", word}}};
}

Status check_output(const Entry& entry, const Type& type, const std::string& dest) {
  const std::string flag = "--output type=" + entry.type;
  if (!dest.empty() && type.path != "dest") {
    return fault(flag, "it has no dest", "leave dest= out");
  }
  if (dest == "-" && entry.type == "local") {
    return fault(flag, "a folder cannot go to stdout", "use type=tar,dest=-");
  }
  const auto* mode = entry.attrs.if_contains("mode");
  if (mode != nullptr && *mode != "copy") {
    return fault(flag, "mode=" + std::string(mode->as_string()) + ": not built yet",
                 "leave it out: files are added to the folder, none is removed");
  }
  return {};
}

}  // namespace

Result<std::vector<json::object>> read_cache_from(const std::string& word,
                                                  const Surroundings& surroundings) {
  return read_caches("--cache-from", word, kCacheFrom, surroundings);
}

Result<std::vector<json::object>> read_cache_to(const std::string& word,
                                                const Surroundings& surroundings) {
  return read_caches("--cache-to", word, kCacheTo, surroundings);
}

Result<json::object> read_output(const std::string& word, const Surroundings& surroundings) {
  KTL_ASSIGN(Entry entry, output_entry(word));
  KTL_ASSIGN(const Type* type, type_of("--output", entry, kOutputs));
  const bool image = has_key(" oci docker image registry ", entry.type);
  KTL_TRY(check_keys("--output", entry, *type, image ? kImageKeys : ""));
  std::string dest;
  if (const auto* given = entry.attrs.if_contains("dest"); given != nullptr) {
    dest = given->as_string().c_str();
  }
  entry.attrs.erase("dest");
  KTL_TRY(check_output(entry, *type, dest));
  if (!dest.empty() && dest != "-") {
    dest = absolute(surroundings.directory, dest);
  }
  return json::object{{"type", entry.type}, {"dest", dest}, {"attrs", std::move(entry.attrs)}};
}

bool is_display_mode(std::string_view word) {
  return word == "auto" || word == "tty" || word == "logs";
}

}  // namespace ktl::cli
