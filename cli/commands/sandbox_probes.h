// What `ktl build sandbox doctor` finds: a row of evidence for each probe.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "cli/sandbox_room.h"

namespace ktl::cli {

// status is "PASS", "FAIL" or "SKIP"; `fix` is empty unless it is "FAIL".
struct SandboxProbe {
  std::string id;
  std::string status;
  std::string evidence;
  std::string fix;
};

// What was seen: by a process behind the fence (run_sandbox_look), and by us.
struct SandboxSight {
  json::object inside;
  json::object outside;  // of the same shape, as far as it is compared
  json::object fence;    // ktl.fence/1
  json::object made;     // ktl.sandbox/1
  std::vector<std::string> probe_paths;
};

// The namespaces of this process, each by its name in /proc/self/ns and what the kernel calls it
// there: "net:[4026531840]". Empty where nobody may know.
json::object namespaces_here();

// Which policy it is, and whether the runtime reads it as it is written; the two documents as
// above.
SandboxProbe probe_policy(const json::object& made, const json::object& fence);

// The probes of a fence that stands.
std::vector<SandboxProbe> judge_sight(const SandboxSight& sight);

// Links of the context that lead to something else which is visible inside, at most 10,000 entries.
SandboxProbe probe_links(const std::string& context, const json::object& fence);

// What this machine offers: sub-ids and cgroups.
std::vector<SandboxProbe> probe_machine();

}  // namespace ktl::cli
