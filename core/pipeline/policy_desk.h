// The policies of a build, for plugins that want to know whether they may do something.
#pragma once

#include <shared_mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "core/pipeline/plugins.h"
#include "core/plugins/host.h"

namespace ktl {

// All must agree, and what cannot be judged is not allowed. Thread rule: decide() on any thread;
// appoint() waits for every question that is open.
class PolicyDesk final : public PolicyService {
 public:
  // `cancel`: the build's; outlives this.
  explicit PolicyDesk(const CancelToken& cancel) : cancel_(cancel) {}

  // Who is asked from now on; nobody: every question is kUnavailable. Borrowed until the next call.
  void appoint(std::vector<StagePlugin*> policies);

  // kFailedPrecondition: a policy asks, and would wait for itself.
  [[nodiscard]] Status decide(std::string_view asker, const json::value& question) const override;

 private:
  [[nodiscard]] Status ask(StagePlugin& policy, const json::value& question) const;

  const CancelToken& cancel_;
  mutable std::shared_mutex mutex_;  // held shared while policies are asked
  std::vector<StagePlugin*> policies_;
};

}  // namespace ktl
