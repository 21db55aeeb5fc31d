#include "core/pipeline/policy_desk.h"

#include <mutex>

#include "base/clock.h"
#include "core/document/schemas.h"

namespace ktl {
namespace {

constexpr int64_t kAnswerNs = 10'000'000'000;

}  // namespace

void PolicyDesk::appoint(std::vector<StagePlugin*> policies) {
  const std::lock_guard lock(mutex_);
  policies_ = std::move(policies);
}

void PolicyDesk::guard(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  if (auto rules = FenceRules::make(plan); fenced_ && rules.ok()) {
    rules_ = *std::move(rules);
  }
}

void PolicyDesk::serve(Provide provide) {
  const std::lock_guard lock(mutex_);
  provide_ = std::move(provide);
}

Status PolicyDesk::ask(StagePlugin& policy, const json::value& question) const {
  const std::string& id = policy.identity().id;
  const CallContext context{.deadline_ns = system_clock().monotonic_ns() + kAnswerNs,
                            .cancel = &cancel_};
  KTL_ASSIGN(const json::value answer, policy.invoke(verbs::kDecide, question, context));
  if (Status shape = check_document(verbs::kDecide.out, answer); !shape.ok()) {
    return {Code::kInternal, "the answer of " + id + " decide: " + shape.message()};
  }
  return bool_of(answer, "allow")
             ? Status()
             : Status(Code::kPermissionDenied, std::string(text_of(answer, "reason"))).in(id);
}

Status PolicyDesk::decide(std::string_view asker, const json::value& question) const {
  const std::shared_lock lock(mutex_);
  if (fenced_ ? !rules_ : policies_.empty()) {
    return {Code::kUnavailable, "the policies are not there to be asked"};
  }
  for (const StagePlugin* policy : policies_) {
    if (policy->identity().id == asker) {
      return {Code::kFailedPrecondition, "a policy cannot ask the policies"};
    }
  }
  KTL_TRY(rules_ ? rules_->decide(question) : Status());
  for (StagePlugin* policy : policies_) {
    KTL_TRY(ask(*policy, question));
  }
  return provide_ ? provide_(question) : Status();
}

}  // namespace ktl
