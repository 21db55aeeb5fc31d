// Whether a daemon may use the state that another version of it left.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "builder/daemon.h"

namespace ktl::builder {

// A version of BuildKit as far as its state's format goes.
struct Version {
  int major = 0;
  int minor = 0;

  auto operator<=>(const Version&) const = default;
};

// The first "v1.2" in a text such as "buildkitd github.com/moby/buildkit v0.34.2"; nothing when
// there is none, as in a daemon that was built from a work tree.
std::optional<Version> version_in(const std::string& text);

// Drops the daemon's state when a newer version has written it: BuildKit reads what older versions
// wrote, not the other way. Asks the daemon for its version only when its file has changed. Returns
// what was done, as a line for the log; empty when everything was kept. The jail's policy must have
// been written before.
Result<std::string> settle_state(const Site& site);

}  // namespace ktl::builder
