// Image references as docker reads them: "alpine" is docker.io/library/alpine.
// Grammar: https://github.com/distribution/reference (reference.go, normalize.go).
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace ktl::oci {

// A normalised reference; made by the functions below, so its parts are always valid.
struct Reference {
  std::string domain;  // "docker.io", "127.0.0.1:5000", "[::1]:5000"
  std::string path;    // "library/alpine"
  std::string tag;     // "" when absent
  std::string digest;  // "sha256:<64 hex>", "" when absent

  bool operator==(const Reference&) const = default;

  [[nodiscard]] std::string name() const { return domain + "/" + path; }
  // "docker.io/library/alpine:3@sha256:..."
  [[nodiscard]] std::string str() const;
  // As people write it: "alpine:3".
  [[nodiscard]] std::string familiar() const;
  // Where its registry listens: "registry-1.docker.io" for docker.io, else the domain.
  [[nodiscard]] std::string registry_host() const;
};

// kInvalidArgument says which part is wrong and what is allowed there.
Result<Reference> parse_reference(std::string_view text);

// A name to give to an image (--tag): without a digest; the tag is "latest" when none is written.
Result<Reference> parse_tag(std::string_view text);

// True for localhost, 127.0.0.0/8 and ::1, with or without a port: these speak plain HTTP.
bool is_loopback_registry(std::string_view domain);

}  // namespace ktl::oci
