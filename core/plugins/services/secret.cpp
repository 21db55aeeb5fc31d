// "ktl.host.secret/1" over what --secret and --ssh named.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status secret_value(ktl_call* call, ktl_str id, char* value, size_t* value_size) noexcept {
  auto& self = PluginCall::of(call);
  auto bytes = self.host().secrets->value({id.data, id.size});
  return bytes.ok() ? fill(bytes->view(), value, value_size) : self.note(bytes.status());
}

int32_t secret_ssh_agent(ktl_call* call, ktl_str id) noexcept {
  auto& self = PluginCall::of(call);
  auto agent = self.host().secrets->connect_agent({id.data, id.size});
  if (!agent.ok()) {
    self.note(agent.status());
    return -1;
  }
  return agent->release();
}

}  // namespace

const ktl_host_secret_v1& secret_table() {
  static constexpr ktl_host_secret_v1 kTable = {&secret_value, &secret_ssh_agent};
  return kTable;
}

}  // namespace ktl
