// The functions of ktl_host: from C back to PluginCall. Nothing may be thrown into a plugin, so
// each is noexcept: running out of memory ends ktl.
#include <ktl/iface/host.h>

#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

std::string_view view_of(ktl_str text) {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

ktl_status host_fail(ktl_call* call, ktl_status code, ktl_str message, ktl_str next) noexcept {
  return PluginCall::of(call).fail(code, view_of(message), view_of(next));
}
void host_write(ktl_call* call, ktl_str bytes) noexcept {
  PluginCall::of(call).write(view_of(bytes));
}
void host_log(ktl_call* call, int32_t level, ktl_str message) noexcept {
  PluginCall::of(call).log(level, view_of(message));
}
void host_emit(ktl_call* call, ktl_str type, ktl_str body) noexcept {
  PluginCall::of(call).emit(view_of(type), view_of(body));
}
int32_t host_cancelled(ktl_call* call) noexcept {
  return PluginCall::of(call).stop().cancelled() ? 1 : 0;
}
int32_t host_cancel_fd(ktl_call* call) noexcept { return PluginCall::of(call).stop().fd(); }
int64_t host_deadline_ns(ktl_call* call) noexcept { return PluginCall::of(call).deadline_ns(); }

const void* host_get(ktl_call* call, ktl_str interface_id) noexcept {
  const Host& host = PluginCall::of(call).host();
  std::string_view id = view_of(interface_id);
  if (id == KTL_HOST_CONTENT_ID) {
    return host.content == nullptr ? nullptr : &content_table();
  }
  if (id == KTL_HOST_AUTH_ID) {
    return host.auth == nullptr ? nullptr : &auth_table();
  }
  if (id == KTL_HOST_SECRET_ID) {
    return host.secrets == nullptr ? nullptr : &secret_table();
  }
  return id == KTL_HOST_STATE_ID ? &state_table() : nullptr;
}

}  // namespace

const ktl_host& plugin_host_table() {
  static constexpr ktl_host kTable = {&host_fail,        &host_write,     &host_log,
                                      &host_emit,        &host_cancelled, &host_cancel_fd,
                                      &host_deadline_ns, &host_get};
  return kTable;
}

}  // namespace ktl
