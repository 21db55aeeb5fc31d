#include "solved.h"

#include "oci/config.h"
#include "oci/manifest.h"
#include "oci/media_types.h"

namespace ktl::solver {
namespace {

constexpr std::string_view kAttestation = "vnd.docker.reference.type";

json::object slim(const oci::Descriptor& descriptor) {
  return {{"mediaType", descriptor.media_type},
          {"digest", descriptor.digest},
          {"size", descriptor.size}};
}

// The platform an image is for: from its entry in the index, else from its config.
Result<std::string> platform_of(const oci::Descriptor& entry, const oci::Manifest& manifest,
                                const BlobReader& read) {
  if (entry.platform) {
    return entry.platform->str();
  }
  KTL_ASSIGN(const std::string text, read(manifest.config.digest, oci::kMaxConfigBytes));
  KTL_ASSIGN(const oci::ImageConfig config, oci::parse_config(text));
  return config.platform.str();
}

Result<json::object> image(const oci::Descriptor& entry, const std::string& text,
                           const BlobReader& read) {
  KTL_ASSIGN(const oci::Manifest manifest, oci::parse_manifest(text));
  KTL_ASSIGN(std::string platform, platform_of(entry, manifest, read));
  json::array layers;
  for (const oci::Descriptor& layer : manifest.layers) {
    layers.push_back(slim(layer));
  }
  return json::object{{"platform", std::move(platform)},
                      {"manifest", slim(entry)},
                      {"config", slim(manifest.config)},
                      {"layers", std::move(layers)}};
}

Result<json::array> images_of(const Root& root, const oci::Descriptor& self,
                              const BlobReader& read) {
  json::array images;
  if (!oci::is_index_type(root.media_type)) {
    KTL_ASSIGN(json::object only, image(self, root.bytes, read));
    images.push_back(std::move(only));
    return images;
  }
  KTL_ASSIGN(const oci::Index index, oci::parse_index(root.bytes));
  for (const oci::Descriptor& entry : index.manifests) {
    if (entry.annotations.contains(std::string(kAttestation))) {
      continue;
    }
    KTL_ASSIGN(const std::string text, read(entry.digest, oci::kMaxManifestBytes));
    KTL_ASSIGN(json::object one, image(entry, text, read));
    images.push_back(std::move(one));
  }
  return images;
}

}  // namespace

Result<json::object> solved_document(const json::value& plan, const std::optional<Root>& root,
                                     const Metadata& metadata, const BlobReader& read) {
  json::object document{
      {"schema", "ktl.solved/1"}, {"plan", plan}, {"root", nullptr}, {"images", json::array()}};
  if (root) {
    oci::Descriptor self;
    self.media_type = root->media_type;
    self.digest = root->digest;
    self.size = static_cast<int64_t>(root->bytes.size());
    document["root"] = slim(self);
    KTL_ASSIGN(document["images"], images_of(*root, self, read));
  }
  json::object answers;
  for (const auto& [key, value] : metadata) {
    answers[key] = valid_utf8(value);
  }
  document["metadata"] = std::move(answers);
  return document;
}

}  // namespace ktl::solver
