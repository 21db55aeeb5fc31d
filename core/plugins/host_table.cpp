// The functions of ktl_host: from C back to PluginCall. Nothing may be thrown into a plugin, so
// each is noexcept: running out of memory ends ktl.
#include <ktl/iface/host.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

std::string_view view_of(ktl_str text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

ktl_status host_fail(ktl_call* call, ktl_status code, ktl_str message, ktl_str next) noexcept {
  auto& self = PluginCall::of(call);
  return self.hears("fail") ? self.fail(code, view_of(message), view_of(next)) : code;
}
void host_write(ktl_call* call, ktl_str bytes) noexcept {
  if (auto& self = PluginCall::of(call); self.hears("write")) {
    self.write(view_of(bytes));
  }
}
void host_log(ktl_call* call, int32_t level, ktl_str message) noexcept {
  if (auto& self = PluginCall::of(call); self.hears("log")) {
    self.log(level, view_of(message));
  }
}
void host_emit(ktl_call* call, ktl_str type, ktl_str body) noexcept {
  if (auto& self = PluginCall::of(call); self.hears("emit")) {
    self.emit(view_of(type), view_of(body));
  }
}
int32_t host_cancelled(ktl_call* call) noexcept {
  auto& self = PluginCall::of(call);
  return !self.hears("cancelled") || self.stop().cancelled() ? 1 : 0;
}
int32_t host_cancel_fd(ktl_call* call) noexcept { return PluginCall::of(call).stop().fd(); }
int64_t host_deadline_ns(ktl_call* call) noexcept { return PluginCall::of(call).deadline_ns(); }

const void* host_get(ktl_call* call, ktl_str interface_id) noexcept {
  const auto& self = PluginCall::of(call);
  const Host& host = self.host();
  // What nobody answers is not offered.
  const std::array<std::pair<std::string_view, const void*>, 10> services = {{
      {KTL_HOST_CONTENT_ID, host.content == nullptr ? nullptr : &content_table()},
      {KTL_HOST_AUTH_ID, host.auth == nullptr ? nullptr : &auth_table()},
      {KTL_HOST_SECRET_ID, host.secrets == nullptr ? nullptr : &secret_table()},
      {KTL_HOST_STATE_ID, &state_table()},
      {KTL_HOST_FILES_ID, host.files == nullptr ? nullptr : &files_table()},
      {KTL_HOST_PROCESS_ID, &process_table()},
      {KTL_HOST_REDACT_ID, host.redact == nullptr ? nullptr : &redact_table()},
      {KTL_HOST_POLICY_ID, host.policy == nullptr ? nullptr : &policy_table()},
      {KTL_HOST_BUILDER_ID, host.builders == nullptr ? nullptr : &builder_table()},
      {KTL_HOST_TERMINAL_ID, host.terminal == nullptr ? nullptr : &terminal_table()},
  }};
  const auto* found = std::ranges::find(services, view_of(interface_id),
                                        [](const auto& service) { return service.first; });
  return self.hears("get") && found != services.end() ? found->second : nullptr;
}

}  // namespace

const ktl_host& plugin_host_table() {
  static constexpr ktl_host kTable = {&host_fail,        &host_write,     &host_log,
                                      &host_emit,        &host_cancelled, &host_cancel_fd,
                                      &host_deadline_ns, &host_get};
  return kTable;
}

}  // namespace ktl
