// Whether the list of an allowlist holds: what `ktl build sandbox doctor` tries of the gate.
#pragma once

#include <array>
#include <string>

#include "cli/commands/sandbox_probes.h"
#include "cli/environment.h"

namespace ktl::cli {

// What came of a try to fetch from a stand-in through the gate.
struct GateTry {
  int exit = -1;  // of the build
  int asked = 0;  // how often the stand-in was reached
  std::string said;
};

struct GateTrial {
  std::string missing;  // why there is no builder with an allowlist; empty: there is one
  GateTry listed;
  GateTry unlisted;
};

// One row; SKIP when there is no such builder.
SandboxProbe judge_gate(const GateTrial& trial);

// Starts a private builder of its own, in folders that go again, with a port of this machine's
// loopback on its list, and lets it fetch from there and from a port beside. Two stand-ins of ours
// listen there: nothing is sent anywhere else. Takes seconds.
SandboxProbe probe_gate(const Environment& environment);

}  // namespace ktl::cli
