// "ktl.host.terminal/1" over whoever has the terminal.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status terminal_lend(ktl_call* call, ktl_str notice, int32_t* stream, int32_t* sizes) noexcept {
  auto& self = PluginCall::of(call);
  auto line = self.host().terminal->lend({notice.data, notice.size});
  if (!line.ok()) {
    return self.note(line.status());
  }
  *stream = line->stream.release();
  *sizes = line->sizes.release();
  return KTL_OK;
}

}  // namespace

const ktl_host_terminal_v1& terminal_table() {
  static constexpr ktl_host_terminal_v1 kTable = {&terminal_lend};
  return kTable;
}

}  // namespace ktl
