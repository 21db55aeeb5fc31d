#include "oci/manifest.h"

#include "oci/media_types.h"

namespace ktl::oci {
namespace {

bool has(const json::value& object, std::string_view key) {
  return field_of(object, key) != nullptr;
}

// The media type a document declares, or what its fields say when it leaves that out.
Result<std::string> judge(const json::value& document) {
  if (!document.is_object() || int_of(document, "schemaVersion") != 2) {
    return Status(Code::kInvalidArgument, "not an image manifest: schemaVersion is not 2");
  }
  bool manifest = has(document, "layers") || has(document, "config");
  bool index = has(document, "manifests");
  if (manifest == index) {
    return Status(Code::kInvalidArgument,
                  "neither or both of an image manifest (layers) and an index (manifests)");
  }
  std::string type(text_of(document, "mediaType", index ? kIndexType : kManifestType));
  if (index ? !is_index_type(type) : !is_manifest_type(type)) {
    return Status(Code::kInvalidArgument,
                  "mediaType \"" + type.substr(0, 100) + "\" does not fit the document's fields");
  }
  return type;
}

Result<std::vector<Descriptor>> parse_list(const json::value& document, const char* key) {
  const auto* field = field_of(document, key);
  if (field != nullptr && field->is_null()) {
    return std::vector<Descriptor>();  // how Go writes the layers of an image that has none
  }
  if (field == nullptr || !field->is_array()) {
    return Status(Code::kInvalidArgument, std::string(key) + " is not a list");
  }
  const auto& array = field->get_array();
  if (array.size() > kMaxChildren) {
    return Status(Code::kResourceExhausted, std::string(key) + " has more than 4096 entries");
  }
  std::vector<Descriptor> list;
  list.reserve(array.size());
  for (const auto& element : array) {
    std::string where = std::string(key) + "[" + std::to_string(list.size()) + "]";
    KTL_ASSIGN(Descriptor descriptor, parse_descriptor(element, where));
    list.push_back(std::move(descriptor));
  }
  return list;
}

Result<std::optional<Descriptor>> parse_subject(const json::value& document) {
  const auto* field = field_of(document, "subject");
  if (field == nullptr || field->is_null()) {
    return std::optional<Descriptor>();
  }
  KTL_ASSIGN(Descriptor subject, parse_descriptor(*field, "subject"));
  return std::optional<Descriptor>(std::move(subject));
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text) {
  KTL_ASSIGN(json::value document, parse_json(text, kMaxManifestBytes));
  Manifest made;
  KTL_ASSIGN(made.media_type, judge(document));
  if (!is_manifest_type(made.media_type)) {
    return Status(Code::kInvalidArgument, "an index where an image manifest was expected");
  }
  const auto* config = field_of(document, "config");
  if (config == nullptr) {
    return Status(Code::kInvalidArgument, "the manifest has no config");
  }
  KTL_ASSIGN(made.config, parse_descriptor(*config, "config"));
  KTL_ASSIGN(made.layers, parse_list(document, "layers"));
  KTL_ASSIGN(made.subject, parse_subject(document));
  KTL_ASSIGN(made.annotations, parse_annotations(document, "annotations"));
  made.artifact_type = text_of(document, "artifactType");
  return made;
}

Result<Index> parse_index(std::string_view text) {
  KTL_ASSIGN(json::value document, parse_json(text, kMaxManifestBytes));
  Index made;
  KTL_ASSIGN(made.media_type, judge(document));
  if (!is_index_type(made.media_type)) {
    return Status(Code::kInvalidArgument, "an image manifest where an index was expected");
  }
  KTL_ASSIGN(made.manifests, parse_list(document, "manifests"));
  KTL_ASSIGN(made.subject, parse_subject(document));
  KTL_ASSIGN(made.annotations, parse_annotations(document, "annotations"));
  made.artifact_type = text_of(document, "artifactType");
  return made;
}

Result<std::string> media_type_of(std::string_view text) {
  KTL_ASSIGN(json::value document, parse_json(text, kMaxManifestBytes));
  return judge(document);
}

std::string to_text(const Index& index) {
  json::object object;
  object["schemaVersion"] = 2;
  object["mediaType"] = index.media_type.empty() ? kIndexType : std::string_view(index.media_type);
  if (!index.artifact_type.empty()) {
    object["artifactType"] = index.artifact_type;
  }
  json::array manifests;
  for (const auto& entry : index.manifests) {
    manifests.emplace_back(to_json(entry));
  }
  object["manifests"] = std::move(manifests);
  if (index.subject) {
    object["subject"] = to_json(*index.subject);
  }
  if (!index.annotations.empty()) {
    object["annotations"] = to_json(index.annotations);
  }
  return json::serialize(object);
}

}  // namespace ktl::oci
