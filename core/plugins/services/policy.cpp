// "ktl.host.policy/1" over the policies that take part in the build.
#include <algorithm>

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

// Cut rather than refused: half a reason is better than none.
void tell(const Status& answer, char* reason, size_t* reason_size) {
  if (reason == nullptr || reason_size == nullptr) {
    return;
  }
  std::string text = answer.ok() ? "" : answer.message();
  text += answer.next().empty() ? "" : "; " + answer.next();
  text = valid_utf8(text.substr(0, *reason_size));
  text.resize(std::min(text.size(), *reason_size));
  *reason_size = text.copy(reason, text.size());
}

ktl_status policy_decide(ktl_call* call, ktl_str question, int32_t* allow, char* reason,
                         size_t* reason_size) noexcept {
  auto& self = PluginCall::of(call);
  Status answer = ask(self, {question.data, question.size});
  *allow = answer.ok() ? 1 : 0;
  tell(answer, reason, reason_size);
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
