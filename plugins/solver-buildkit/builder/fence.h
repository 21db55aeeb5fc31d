// What fences the RUN steps of a builder that runs, found by looking at its processes.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "builder/home.h"

namespace ktl::builder {

// A line of the isolation statement of RUN steps (docs/schema/isolation-1.json).
struct FenceLine {
  std::string control;
  std::string value;
  std::string
      evidence;  // "probed": seen in the living daemon; "declared": its configuration says so

  bool operator==(const FenceLine&) const = default;
};

// `daemon` is the inmate as instance.json names it, `network` the profile it was started with. What
// cannot be looked at is "unknown" in value and evidence. A few reads below /proc; starts nothing.
std::vector<FenceLine> look_at_fence(const Home& home, const std::string& network, pid_t daemon);

// Whether the lines speak of a fence: namespaces of its own, no user of this machine's inside but
// sub-ids (and who started it), no device but a container's.
bool is_fence(const std::vector<FenceLine>& lines);

}  // namespace ktl::builder
