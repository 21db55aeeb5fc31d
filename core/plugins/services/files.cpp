// "ktl.host.files/1" over what the user named.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

int32_t files_open(ktl_call* call, ktl_str path) noexcept {
  auto& self = PluginCall::of(call);
  auto file = self.host().files->open({path.data, path.size});
  if (!file.ok()) {
    self.note(file.status());
    return -1;
  }
  return file->release();
}

ktl_status files_replace(ktl_call* call, ktl_str path, ktl_str bytes) noexcept {
  auto& self = PluginCall::of(call);
  return self.note(self.host().files->replace({path.data, path.size}, {bytes.data, bytes.size}));
}

}  // namespace

const ktl_host_files_v1& files_table() {
  static constexpr ktl_host_files_v1 kTable = {&files_open, &files_replace};
  return kTable;
}

}  // namespace ktl
