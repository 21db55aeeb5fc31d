// The plugins as the stages see them: who they are, and verbs that take and give documents.
#pragma once

#include <vector>

#include "base/json.h"
#include "core/document/record.h"
#include "core/plugins/call.h"
#include "core/plugins/verbs.h"

namespace ktl {

// One plugin that is ready to be called. Thread rule: as core/plugins/plugin.h.
class StagePlugin {
 public:
  virtual ~StagePlugin() = default;
  [[nodiscard]] virtual const PluginIdentity& identity() const = 0;
  // As Plugin::invoke.
  virtual Result<json::value> invoke(const Verb& verb, const json::value& document,
                                     const CallContext& context) = 0;
  // Whether it ran in another process, and that has died or broken the rules.
  [[nodiscard]] virtual bool gone() const { return false; }
};

// Who takes part in a build, by capability, in a fixed order. Borrowed: they outlive the build.
struct StagePlugins {
  std::vector<StagePlugin*> preparers;
  std::vector<StagePlugin*> builders;  // that ktl keeps itself
  std::vector<StagePlugin*> solvers;
  std::vector<StagePlugin*> scanners;
  std::vector<StagePlugin*> exporters;
  std::vector<StagePlugin*> policies;
  std::vector<StagePlugin*> attesters;
  std::vector<StagePlugin*> readers;  // of events
  std::vector<PluginIdentity> all;    // everything that was loaded, for the Record
};

}  // namespace ktl
