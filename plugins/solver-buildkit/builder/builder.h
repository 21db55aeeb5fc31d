// From `--builder` to a builder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "builder/caller.h"
#include "builder/daemon.h"
#include "builder/fence.h"
#include "builder/settings.h"
#include "builders/address.h"

namespace ktl::builder {

// What resolving needs to know. `state` and `runtime` are the plugin's own folders.
struct BuilderRequest {
  std::string address = "auto";
  bool start = true;        // may the private builder be started when it does not run
  bool as_it_runs = false;  // whatever configuration the running one has will do
  Settings settings;
  std::filesystem::path ktl;  // the running program, to be re-executed as the supervisor
  std::filesystem::path state;
  std::filesystem::path runtime;
  bool root = false;
  Getenv getenv;
};

// A builder to build on. Keep it as long as the build runs: `lock` tells the private builder's
// supervisor that somebody is using it.
struct Builder {
  std::string address;  // as --builder takes it: "unix://PATH" of the private one, else as given
  std::string kind;     // "private" or "external"
  std::string note;     // one sentence about what fences its RUN steps, for people
  bool steps_fenced = false;  // seen, not said: see is_fence
  UniqueFd lock;
  std::vector<FenceLine> lines;  // of the isolation statement; of an external builder there is none
  std::filesystem::path journal = {};  // of its gate; empty: it has none
};

// Where the private builder cannot run, "auto" takes docker's own BuildKit if its socket answers,
// and tells why. Another one is not connected here. kUnavailable: the private one could not be
// started (with the tail of its log, or every reason why it cannot run here); kFailedPrecondition:
// its folders cannot be trusted; kCancelled; kInvalidArgument and kUnimplemented: the address or
// the settings. [any thread]
Result<Builder> resolve_builder(const BuilderRequest& request, const Caller& caller);

// The private builder that `request` means, whether it runs or not.
Result<Site> site_for(const BuilderRequest& request);

// The private builder, started if need be: the descriptor holds the shared clients' lock. Waits for
// a start, a stop or an upgrade that is under way.
Result<UniqueFd> use_private_builder(const BuilderRequest& request, Site site,
                                     const Caller& caller);

}  // namespace ktl::builder
