// A small image in a store: one layer, a config, a manifest.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "oci/media_types.h"
#include "oci/store.h"

namespace ktl::oci {

// Throws (failing the test) when `result` is a failure.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    throw std::runtime_error(result.status().to_string());
  }
  return *std::move(result);
}

inline Store open_store(const std::filesystem::path& folder) {
  return must(Store::open(folder, Durability::kFast));
}

// The manifest's descriptor; `layer` makes images differ.
inline Descriptor put_image(const Store& store, const std::string& layer) {
  auto layer_at = must(store.put(layer, kLayerType));
  auto config_at = must(store.put(
      R"({"os":"linux","architecture":"amd64","layer":")" + std::to_string(layer.size()) + "\"}",
      kConfigType));
  json::object manifest;
  manifest["schemaVersion"] = 2;
  manifest["mediaType"] = kManifestType;
  manifest["config"] = to_json(config_at);
  manifest["layers"] = json::array{to_json(layer_at)};
  return must(store.put(json::serialize(manifest), kManifestType));
}

inline size_t count_blobs(const std::filesystem::path& layout) {
  std::filesystem::directory_iterator entries(layout / "blobs/sha256");
  return static_cast<size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace ktl::oci
