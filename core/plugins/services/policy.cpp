// "ktl.host.policy/1" over the policies that take part in the build.
#include "core/document/schemas.h"
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

constexpr size_t kMaxQuestion = 1U << 20U;

Status ask(const PluginCall& call, std::string_view text) {
  KTL_ASSIGN(json::value question, parse_json(text, kMaxQuestion));
  KTL_TRY(check_document("question-1", question));
  return call.host().policy->decide(call.plugin(), question);
}

ktl_status policy_decide(ktl_call* call, ktl_str question, int32_t* allow) noexcept {
  auto& self = PluginCall::of(call);
  Status answer = ask(self, {question.data, question.size});
  *allow = answer.ok() ? 1 : 0;
  if (answer.ok()) {
    return KTL_OK;
  }
  const ktl_status code = self.note(answer);
  return code == KTL_PERMISSION_DENIED ? static_cast<ktl_status>(KTL_OK) : code;
}

}  // namespace

const ktl_host_policy_v1& policy_table() {
  static constexpr ktl_host_policy_v1 kTable = {&policy_decide};
  return kTable;
}

}  // namespace ktl
