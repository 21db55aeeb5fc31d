// What the name of a step says about its place in the Dockerfile.
#pragma once

#include <string>
#include <string_view>

namespace ktl::cli {

// Names are those of BuildKit's Dockerfile frontend: "[2/3] RUN make", "[build 2/3] ...",
// "[linux/arm64 build 2/3] ...", "[linux/amd64->arm64 build 2/3] ...". All others ("[internal] load
// build context", "exporting layers") are steps that the builder added.
struct StepName {
  bool users = false;    // the user wrote it
  std::string stage;     // empty: the only stage, without a name
  std::string platform;  // empty: the only one
  int index = 0;         // 2 of "2/3"
  int count = 0;         // 3 of "2/3"

  // "build linux/arm64", "build", "linux/arm64" or nothing: the same for all steps of a stage.
  [[nodiscard]] std::string title() const;
};

StepName parse_step_name(std::string_view name);

// `name` with digests ("sha256:" and 64 digits) cut to 12 digits, as people tell them apart.
std::string short_digests(std::string_view name);

}  // namespace ktl::cli
