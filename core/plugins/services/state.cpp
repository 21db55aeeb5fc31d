// "ktl.host.state/1": folders of the calling plugin's own.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status own_folder(ktl_call* call, const std::filesystem::path& folder, char* path,
                      size_t* path_size) {
  auto& self = PluginCall::of(call);
  if (Status made = make_private_folder(folder); !made.ok()) {
    return self.note(made);
  }
  return fill(folder.native(), path, path_size);
}

ktl_status state_state(ktl_call* call, char* path, size_t* path_size) noexcept {
  auto& self = PluginCall::of(call);
  return own_folder(call, self.host().folders.state / "plugins" / self.plugin(), path, path_size);
}

ktl_status state_cache(ktl_call* call, char* path, size_t* path_size) noexcept {
  auto& self = PluginCall::of(call);
  return own_folder(call, self.host().folders.cache / "plugins" / self.plugin(), path, path_size);
}

ktl_status state_runtime(ktl_call* call, char* path, size_t* path_size) noexcept {
  auto& self = PluginCall::of(call);
  return own_folder(call, self.host().folders.runtime / self.plugin(), path, path_size);
}

}  // namespace

const ktl_host_state_v1& state_table() {
  static constexpr ktl_host_state_v1 kTable = {&state_state, &state_cache, &state_runtime};
  return kTable;
}

}  // namespace ktl
