// The image configuration: what runs, on which platform, and how the layers came about.
// https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "oci/descriptor.h"

namespace ktl::oci {

inline constexpr size_t kMaxConfigBytes = 8U << 20U;

// One step of the build that made the image.
struct History {
  std::string created;  // RFC 3339, as written
  std::string created_by;
  std::string comment;
  bool empty_layer = false;  // the step changed the config only
};

struct ImageConfig {
  Platform platform;
  std::string created;                // RFC 3339, as written
  std::vector<std::string> diff_ids;  // of the uncompressed layers, lowest first
  std::vector<History> history;
  std::vector<std::string> env;  // "NAME=value"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  Annotations labels;
  std::string user;
  std::string working_dir;
};

// Fields that ktl does not know are ignored. Refuses more than 4096 layers or history entries, and
// diff_ids that are no digests.
Result<ImageConfig> parse_config(std::string_view text);

}  // namespace ktl::oci
