// Image manifests and indexes, of OCI and of Docker.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/{manifest,image-index}.md
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "oci/descriptor.h"

namespace ktl::oci {

// What registries take at most as one manifest, and what ktl reads at most.
inline constexpr size_t kMaxManifestBytes = 4U << 20U;
// Layers of a manifest, entries of an index.
inline constexpr size_t kMaxChildren = 4096;

struct Manifest {
  std::string media_type;
  std::string artifact_type;
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  Annotations annotations;
};

struct Index {
  std::string media_type;
  std::string artifact_type;
  std::vector<Descriptor> manifests;
  std::optional<Descriptor> subject;
  Annotations annotations;
};

// Both refuse schemaVersion other than 2, another kind of document (also by its fields: a text
// with "layers" and "manifests" could be read as either by different readers), and too much.
// `media_type` is filled in for OCI documents that leave it out.
Result<Manifest> parse_manifest(std::string_view text);
Result<Index> parse_index(std::string_view text);

// kManifestType or the like, as parse_* would find it; kInvalidArgument when it is neither.
Result<std::string> media_type_of(std::string_view text);

// The document as compact JSON, in the specification's order of keys.
std::string to_text(const Index& index);

}  // namespace ktl::oci
