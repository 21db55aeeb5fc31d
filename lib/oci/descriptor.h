// A reference to content by digest.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl::oci {

using Annotations = std::map<std::string, std::string>;

// What an image runs on. Empty fields are absent ones.
struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  std::string os_version;

  bool operator==(const Platform&) const = default;
  [[nodiscard]] std::string str() const;  // "linux/arm64/v8"
};

struct Descriptor {
  std::string media_type;
  std::string digest;  // "sha256:<64 hex>", always valid
  int64_t size = 0;    // bytes, >= 0
  Annotations annotations;
  std::optional<Platform> platform;
  std::vector<std::string> urls;
  std::string artifact_type;

  bool operator==(const Descriptor&) const = default;
};

// Reads one descriptor of a parsed document; `where` ("layers[3]") goes into the error. Refuses
// other digests than sha256, negative or missing sizes, more than 256 annotations or 64 URLs.
Result<Descriptor> parse_descriptor(const json::value& value, const std::string& where);

// Reads an object of strings, at most 256 of them; absent is empty.
Result<Annotations> parse_annotations(const json::value& object, std::string_view key);

// Keys in the order of the specification, absent ones left out: the same descriptor gives the
// same bytes.
json::object to_json(const Descriptor& descriptor);
json::object to_json(const Annotations& annotations);

}  // namespace ktl::oci
