// The built-in judge of what a fenced build asks for while it runs.
#pragma once

#include <optional>

#include "core/document/plan.h"
#include "core/pipeline/lock_rules.h"
#include "lock/allow_list.h"

namespace ktl {

// Decides as a plugin with ktl.policy/1 does, for --hermetic, --locked and --allow-network.
// Immutable: any thread.
class FenceRules {
 public:
  // `plan.fence` was made by plan_fence().
  static Result<FenceRules> make(const Plan& plan);

  // `question`: question-1. kPermissionDenied with the reason: it may not be.
  [[nodiscard]] Status decide(const json::value& question) const;
  // Of a plan with a lock, else null.
  [[nodiscard]] const LockRules* lock() const { return lock_ ? &*lock_ : nullptr; }

 private:
  [[nodiscard]] Status decide_request(std::string_view url) const;
  [[nodiscard]] Status decide_source(const json::value& source) const;

  StepFence fence_;
  lock::AllowList list_;
  std::optional<LockRules> lock_;
  std::vector<std::string> bases_;  // images that need not be pinned, as the builder names them
};

}  // namespace ktl
