// The media types ktl reads and writes: OCI image-spec v1.1 and Docker's schema 2, which differ in
// names only. https://github.com/opencontainers/image-spec/blob/v1.1.0/media-types.md
#pragma once

#include <string_view>

namespace ktl::oci {

inline constexpr std::string_view kIndexType = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kConfigType = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kLayerType = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view kEmptyType = "application/vnd.oci.empty.v1+json";

inline constexpr std::string_view kDockerListType =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerManifestType =
    "application/vnd.docker.distribution.manifest.v2+json";

// Annotations of an entry in index.json. The first is the specification's; the second is what
// containerd and docker read the full name from.
inline constexpr std::string_view kRefNameAnnotation = "org.opencontainers.image.ref.name";
inline constexpr std::string_view kImageNameAnnotation = "io.containerd.image.name";

constexpr bool is_index_type(std::string_view type) {
  return type == kIndexType || type == kDockerListType;
}
constexpr bool is_manifest_type(std::string_view type) {
  return type == kManifestType || type == kDockerManifestType;
}
// Layers that their owner forbids to redistribute: they carry URLs and are never pushed.
constexpr bool is_foreign_layer_type(std::string_view type) {
  return type.find(".nondistributable.") != std::string_view::npos ||
         type.find(".rootfs.foreign.") != std::string_view::npos;
}

}  // namespace ktl::oci
