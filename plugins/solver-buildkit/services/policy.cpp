#include "services/policy.h"

#include "base/json.h"
#include "policysession.pb.h"

namespace ktl::solver {
namespace {

namespace policy = moby::buildkit::v1::sourcepolicy;
using policy::policysession::CheckPolicyRequest;
using policy::policysession::CheckPolicyResponse;

std::string platform_in(const CheckPolicyRequest& request) {
  const auto& platform = request.platform();
  const std::string name = platform.os() + "/" + platform.architecture() +
                           (platform.variant().empty() ? "" : "/" + platform.variant());
  return request.has_platform() ? valid_utf8(name) : std::string();
}

Asked asked_in(const CheckPolicyRequest& request) {
  const auto& source = request.source().source();
  Asked asked{valid_utf8(source.identifier()), {}, false};
  asked.platform = platform_in(request);
  for (const auto& [key, value] : source.attrs()) {
    asked.attributes[valid_utf8(key)] = valid_utf8(value);
  }
  const bool web =
      asked.identifier.starts_with("http://") || asked.identifier.starts_with("https://");
  asked.request = web && asked.attributes.empty() && !request.has_platform();
  return asked;
}

CheckPolicyResponse answer(const Verdict& verdict) {
  CheckPolicyResponse response;
  auto& decision = *response.mutable_decision();
  decision.set_action(verdict.refused.empty() ? policy::ALLOW : policy::DENY);
  if (!verdict.refused.empty()) {
    decision.add_denymessages()->set_message(verdict.refused);
  } else if (verdict.instead) {
    decision.set_action(policy::CONVERT);
    auto& update = *decision.mutable_update();
    update.set_identifier(verdict.instead->identifier);
    for (const auto& [key, value] : verdict.instead->attributes) {
      (*update.mutable_attrs())[key] = value;
    }
  }
  return response;
}

}  // namespace

std::vector<Method> policy_methods(Judge judge) {
  return {{"/moby.buildkit.v1.sourcepolicy.policysession.PolicyVerifier/CheckPolicy",
           unary<CheckPolicyRequest>(
               [judge = std::move(judge)](Rpc&, const CheckPolicyRequest& request)
                   -> Result<CheckPolicyResponse> { return answer(judge(asked_in(request))); })}};
}

}  // namespace ktl::solver
