// "ktl.host.redact/1" over the bus's redactor.
#include "core/plugins/call.h"
#include "core/plugins/services/secrets.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status redact_add(ktl_call* call, ktl_str value) noexcept {
  auto& self = PluginCall::of(call);
  if (value.size == 0 || value.size > Secrets::kMaxValue) {
    return self.note({Code::kInvalidArgument, "a value to be masked has 1 byte to 500 KiB"});
  }
  return self.note(self.host().redact({value.data, value.size}));
}

}  // namespace

const ktl_host_redact_v1& redact_table() {
  static constexpr ktl_host_redact_v1 kTable = {&redact_add};
  return kTable;
}

}  // namespace ktl
