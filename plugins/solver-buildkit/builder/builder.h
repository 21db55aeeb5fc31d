// From `--builder` to a builder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/fd.h"
#include "base/status.h"
#include "builder/address.h"

namespace ktl::builder {

// What resolving needs to know. `state` and `runtime` are the plugin's own folders.
struct BuilderRequest {
  std::string address = "auto";
  bool start = true;  // may the private builder be started when it does not run
  int64_t idle_seconds = 600;
  std::filesystem::path ktl;  // the running program, to be re-executed as the supervisor
  std::filesystem::path state;
  std::filesystem::path runtime;
  bool root = false;
  Getenv getenv;
};

// A builder to build on. Keep it as long as the build runs: `lock` tells the private builder's
// supervisor that somebody is using it.
struct Builder {
  std::string socket;  // the private builder's; empty for another one
  std::string kind;    // "private" or "external"
  std::string note;    // one sentence about what fences its RUN steps, for people
  bool steps_fenced = false;
  UniqueFd lock;
};

// Starts the private builder if need be; another one is not connected here. kUnavailable: the
// private one could not be started (with the tail of its log); kCancelled; kInvalidArgument: the
// address. [any thread]
Result<Builder> resolve_builder(const BuilderRequest& request,
                                const std::function<bool()>& cancelled);

}  // namespace ktl::builder
