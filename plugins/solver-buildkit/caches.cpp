#include "caches.h"

#include <cstdlib>

#include "oci/index_file.h"
#include "oci/prune.h"

namespace ktl::solver {
namespace {

using moby::buildkit::v1::CacheOptionsEntry;

constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";

std::vector<CacheOptionsEntry> entries_of(const json::value& plan, std::string_view key) {
  std::vector<CacheOptionsEntry> made;
  const json::value* list = field_of(plan, key);
  if (list == nullptr || !list->is_array()) {
    return made;
  }
  for (const json::value& one : list->as_array()) {
    CacheOptionsEntry& entry = made.emplace_back();
    entry.set_type(std::string(text_of(one, "type")));
    const json::value* attrs = field_of(one, "attrs");
    for (const auto& [name, value] : attrs->as_object()) {
      (*entry.mutable_attrs())[std::string(name)] = value.as_string().c_str();
    }
  }
  return made;
}

// GitHub's runner puts address and token into the environment, where docker buildx takes them too;
// so the token is in no command line and no document.
void add_runner(CacheOptionsEntry& entry) {
  constexpr std::pair<const char*, const char*> kVariables[] = {{"token", "ACTIONS_RUNTIME_TOKEN"},
                                                                {"url", "ACTIONS_CACHE_URL"},
                                                                {"url_v2", "ACTIONS_RESULTS_URL"}};
  for (const auto& [key, variable] : kVariables) {
    const char* value = std::getenv(variable);
    if (entry.type() == "gha" && value != nullptr && !entry.attrs().contains(key)) {
      (*entry.mutable_attrs())[key] = value;
    }
  }
}

std::string take(CacheOptionsEntry& entry, const char* key) {
  auto found = entry.attrs().find(key);
  return found == entry.attrs().end() ? "" : found->second;
}

// What the frontend has to be told besides the request: [{"Type", "Attrs"}].
std::string as_json(const google::protobuf::RepeatedPtrField<CacheOptionsEntry>& imports) {
  json::array list;
  for (const CacheOptionsEntry& entry : imports) {
    json::object attrs;
    for (const auto& [key, value] : entry.attrs()) {
      attrs[key] = value;
    }
    list.emplace_back(json::object{{"Type", entry.type()}, {"Attrs", std::move(attrs)}});
  }
  return json::serialize(list);
}

}  // namespace

Status Caches::open(const json::value& plan, moby::buildkit::v1::SolveRequest& request) {
  auto& cache = *request.mutable_cache();
  for (CacheOptionsEntry& entry : entries_of(plan, "cache_to")) {
    add_runner(entry);
    if (entry.type() == "local") {
      KTL_TRY(open_export(entry));
    }
    *cache.add_exports() = entry;
  }
  for (CacheOptionsEntry& entry : entries_of(plan, "cache_from")) {
    add_runner(entry);
    bool usable = true;
    if (entry.type() == "local") {
      KTL_TRY(open_import(entry, usable));
    }
    if (usable) {
      *cache.add_imports() = entry;
    }
  }
  if (cache.imports_size() > 0) {
    (*request.mutable_frontendattrs())["cache-imports"] = as_json(cache.imports());
  }
  return {};
}

Status Caches::open_import(CacheOptionsEntry& entry, bool& usable) {
  const std::string folder = take(entry, "src");
  const std::string tag = take(entry, "tag").empty() ? "latest" : take(entry, "tag");
  Result<oci::Index> index = oci::read_index_file(folder);
  usable = false;
  if (index.ok() && take(entry, "digest").empty()) {
    for (const oci::Descriptor& one : index->manifests) {
      auto name = one.annotations.find(std::string(kRefName));
      if (name != one.annotations.end() && name->second == tag) {
        (*entry.mutable_attrs())["digest"] = one.digest;
      }
    }
  }
  if (!index.ok() || take(entry, "digest").empty()) {
    notes_.push_back("the cache folder " + folder + " has nothing named \"" + tag +
                     "\" yet; it is not read");
    return index.ok() || index.status().code() == Code::kNotFound ? Status() : index.status();
  }
  if (!folders_.contains(folder)) {
    KTL_ASSIGN(folders_[folder].blobs, LayoutBlobs::open(folder));
  }
  usable = true;
  return {};
}

Status Caches::open_export(CacheOptionsEntry& entry) {
  const std::string path = take(entry, "dest");
  Folder& folder = folders_[path];
  Result<std::unique_ptr<LayoutBlobs>> made = LayoutBlobs::make(path);
  if (!made.ok()) {
    return std::move(made).status().in("the cache folder " + path);
  }
  folder.blobs = *std::move(made);
  folder.own = entry.mutable_attrs()->erase("ktl-own") > 0;
  folder.tag = take(entry, "tag").empty() ? "latest" : take(entry, "tag");
  return {};
}

void Caches::share(ContentStores& stores) {
  for (auto& [path, folder] : folders_) {
    folder.service = std::make_unique<ContentService>(*folder.blobs, nullptr);
    stores["local:" + path] = folder.service.get();
  }
}

void Caches::tidy() {
  for (auto& [path, folder] : folders_) {
    if (folder.own && folder.written) {
      folder.service.reset();
      folder.blobs.reset();  // its lock is in the way
      static_cast<void>(oci::prune(path, 0).ok());
    }
  }
}

Status Caches::finish(const Metadata& answers) {
  auto answer = answers.find("cache.manifest");
  if (answer == answers.end()) {
    return {};
  }
  KTL_ASSIGN(const json::value document, parse_json(answer->second, 64U << 10U));
  KTL_ASSIGN(oci::Descriptor descriptor, oci::parse_descriptor(document, "cache.manifest"));
  for (auto& [path, folder] : folders_) {
    if (folder.tag.empty() || !folder.blobs->blob_size(descriptor.digest).ok()) {
      continue;  // only read, or the answer speaks of another cache
    }
    oci::Descriptor named = descriptor;
    named.annotations[std::string(kRefName)] = folder.tag;
    KTL_TRY(oci::update_index_file(path, [&](oci::Index& index) {
      oci::put_entry(index, named);
      return Status();
    }));
    folder.written = true;
  }
  return {};
}

}  // namespace ktl::solver
