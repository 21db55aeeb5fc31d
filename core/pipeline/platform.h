// Platforms as people write them, and as BuildKit wants them.
// Source: github.com/containerd/platforms (Parse, Normalize), OCI image index (GOOS, GOARCH).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace ktl {

// "linux/arm64" for "linux/arm64/v8", "arm64", "aarch64"; an architecture alone is a linux one.
// kInvalidArgument for what is not known, with a suggestion.
Result<std::string> normalise_platform(std::string_view text);

// Each normalised, each once, in order.
Result<std::vector<std::string>> normalise_platforms(const std::vector<std::string>& texts);

// Of the machine ktl runs on.
std::string host_platform();

// BUILDPLATFORM, BUILDOS, ..., TARGETVARIANT: what a Dockerfile may use without declaring it.
std::map<std::string, std::string, std::less<>> platform_args(std::string_view build,
                                                              std::string_view target);

}  // namespace ktl
