#include "receipts.h"

#include "oci/index_file.h"

namespace ktl::export_oci {
namespace {

json::object receipt(const char* kind, const std::string& name, const std::filesystem::path& path,
                     const oci::Descriptor& root) {
  json::object made{{"kind", kind}};
  if (!name.empty()) {
    made["name"] = name;
  }
  if (!path.empty()) {
    made["path"] = path.string();
  }
  made["digest"] = root.digest;
  made["mediaType"] = root.media_type;
  made["size"] = root.size;
  return made;
}

}  // namespace

Status keep_in_store(const std::filesystem::path& store, const oci::Descriptor& root,
                     const std::vector<oci::Reference>& tags) {
  return oci::update_index_file(store, [&](oci::Index& index) {
    for (const auto& tag : tags) {
      oci::put_entry(index, oci::named(root, tag, oci::NameStyle::kFull));
    }
    if (tags.empty()) {
      oci::put_entry(index, root);
    }
    return Status();
  });
}

json::object receipts_of(const Wish& wish, const oci::Descriptor& root,
                         const std::filesystem::path& store) {
  json::array list;
  std::vector<std::string> names;
  for (const auto& tag : wish.tags) {
    names.push_back(tag.familiar());
    if (wish.push) {
      const std::string name = wish.by_digest ? tag.name() + "@" + root.digest : tag.familiar();
      list.emplace_back(receipt("registry", name, {}, root));
    }
    if (wish.load) {
      list.emplace_back(receipt("docker", tag.familiar(), {}, root));
    }
  }
  if (names.empty()) {
    names.emplace_back();
  }
  for (const auto& name : names) {
    for (const Place& place : wish.places) {
      if (!place.to_stdout() && !place.of_files()) {
        list.emplace_back(receipt("oci", name, place.path, root));
      }
    }
    if (wish.keep) {
      list.emplace_back(receipt("store", name, store, root));
    }
  }
  for (const Place& place : wish.places) {
    if (!place.to_stdout() && place.of_files()) {
      list.emplace_back(receipt("files", "", place.path, root));
    }
  }
  if (wish.load && wish.tags.empty()) {
    list.emplace_back(receipt("docker", "", {}, root));
  }
  return {{"schema", "ktl.receipts/1"}, {"receipts", std::move(list)}};
}

}  // namespace ktl::export_oci
