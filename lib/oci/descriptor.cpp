#include "oci/descriptor.h"

#include "base/sha256.h"

namespace ktl::oci {
namespace {

constexpr size_t kMaxAnnotations = 256;
constexpr size_t kMaxUrls = 64;

Platform parse_platform(const json::value& value) {
  return {std::string(text_of(value, "os")), std::string(text_of(value, "architecture")),
          std::string(text_of(value, "variant")), std::string(text_of(value, "os.version"))};
}

json::object to_json(const Platform& platform) {
  json::object object;
  auto put = [&](const char* key, const std::string& text) {
    if (!text.empty()) {
      object[key] = text;
    }
  };
  put("architecture", platform.architecture);
  put("os", platform.os);
  put("os.version", platform.os_version);
  put("variant", platform.variant);
  return object;
}

Status refuse(const std::string& where, const std::string& why) {
  return {Code::kInvalidArgument, where + ": " + why};
}

}  // namespace

std::string Platform::str() const {
  std::string text = os + "/" + architecture;
  return variant.empty() ? text : text + "/" + variant;
}

Result<Annotations> parse_annotations(const json::value& object, std::string_view key) {
  Annotations annotations;
  const auto* field = field_of(object, key);
  if (field == nullptr || field->is_null()) {
    return annotations;
  }
  if (!field->is_object() || field->get_object().size() > kMaxAnnotations) {
    return refuse(std::string(key), "not an object of at most 256 strings");
  }
  for (const auto& [name, text] : field->get_object()) {
    if (!text.is_string()) {
      return refuse(std::string(key) + "." + std::string(name), "not a string");
    }
    annotations.emplace(name, text.get_string());
  }
  return annotations;
}

Result<Descriptor> parse_descriptor(const json::value& value, const std::string& where) {
  if (!value.is_object()) {
    return refuse(where, "not a descriptor object");
  }
  Descriptor made;
  made.media_type = text_of(value, "mediaType");
  made.digest = text_of(value, "digest");
  made.size = int_of(value, "size", -1);
  made.artifact_type = text_of(value, "artifactType");
  made.urls = texts_of(value, "urls");
  if (!is_digest(made.digest)) {
    return refuse(where, "digest is not sha256:<64 hex digits>");
  }
  if (made.size < 0) {
    return refuse(where, "size is missing or negative");
  }
  if (made.urls.size() > kMaxUrls) {
    return refuse(where, "more than 64 urls");
  }
  auto annotations = parse_annotations(value, "annotations");
  if (!annotations.ok()) {
    return std::move(annotations).status().in(where);
  }
  made.annotations = *std::move(annotations);
  if (const auto* platform = field_of(value, "platform"); platform != nullptr) {
    made.platform = parse_platform(*platform);
  }
  return made;
}

json::object to_json(const Annotations& annotations) {
  json::object object;
  for (const auto& [name, text] : annotations) {
    object[name] = text;
  }
  return object;
}

json::object to_json(const Descriptor& descriptor) {
  json::object object;
  object["mediaType"] = descriptor.media_type;
  object["digest"] = descriptor.digest;
  object["size"] = descriptor.size;
  if (!descriptor.urls.empty()) {
    object["urls"] = json::array(descriptor.urls.begin(), descriptor.urls.end());
  }
  if (!descriptor.annotations.empty()) {
    object["annotations"] = to_json(descriptor.annotations);
  }
  if (descriptor.platform) {
    object["platform"] = to_json(*descriptor.platform);
  }
  if (!descriptor.artifact_type.empty()) {
    object["artifactType"] = descriptor.artifact_type;
  }
  return object;
}

}  // namespace ktl::oci
