// "ktl.host.state/1": folders of the calling plugin's own.
#include <sys/stat.h>

#include <cerrno>

#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

// mkdir -p with mode 0700 for what is new.
Status make_private(const std::filesystem::path& folder) {
  std::filesystem::path so_far;
  for (const auto& part : folder) {
    so_far /= part;
    if (mkdir(so_far.c_str(), 0700) != 0 && errno != EEXIST) {
      struct stat info{};
      int why = errno;
      if (stat(so_far.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return errno_status("mkdir " + so_far.native(), why);
      }
    }
  }
  struct stat info{};
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {Code::kFailedPrecondition, folder.native() + " is not a folder"};
  }
  return {};
}

ktl_status own_folder(ktl_call* call, const std::filesystem::path& folder, char* path,
                      size_t* path_size) {
  auto& self = PluginCall::of(call);
  if (Status made = make_private(folder); !made.ok()) {
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
