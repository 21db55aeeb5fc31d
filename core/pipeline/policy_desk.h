// The policies of a build, for plugins that want to know whether they may do something.
#pragma once

#include <functional>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "core/pipeline/fence_rules.h"
#include "core/pipeline/plugins.h"
#include "core/plugins/host.h"

namespace ktl {

// All must agree, and what cannot be judged is not allowed. Thread rule: decide() on any thread;
// appoint() and guard() wait for every question that is open.
class PolicyDesk final : public PolicyService {
 public:
  // `cancel`: the build's; outlives this. `fenced`: the build's steps are, so that nothing is
  // allowed before guard().
  explicit PolicyDesk(const CancelToken& cancel, bool fenced = false)
      : cancel_(cancel), fenced_(fenced) {}

  // Who is asked from now on; nobody: every question is kUnavailable, unless there is a fence.
  // Borrowed until the next call.
  void appoint(std::vector<StagePlugin*> policies);
  // The rules of the plan's fence, which are asked first. Once.
  void guard(const Plan& plan);
  // Makes ready what everybody has allowed, and may still fail; asked last. [any thread]
  using Provide = std::function<Status(const json::value& question)>;
  void serve(Provide provide);

  // kFailedPrecondition: a policy asks, and would wait for itself.
  [[nodiscard]] Status decide(std::string_view asker, const json::value& question) const override;

 private:
  [[nodiscard]] Status ask(StagePlugin& policy, const json::value& question) const;

  const CancelToken& cancel_;
  const bool fenced_;
  mutable std::shared_mutex mutex_;  // held shared while policies are asked
  std::vector<StagePlugin*> policies_;
  std::optional<FenceRules> rules_;
  Provide provide_;
};

}  // namespace ktl
