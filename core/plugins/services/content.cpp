// "ktl.host.content/1" over ktl's own store.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

const ContentService& store_of(ktl_call* call) { return *PluginCall::of(call).host().content; }

int32_t content_open(ktl_call* call, ktl_str digest) noexcept {
  auto blob = store_of(call).open({digest.data, digest.size});
  return blob.ok() ? blob->release() : -1;
}

int64_t content_size(ktl_call* call, ktl_str digest) noexcept {
  auto size = store_of(call).size({digest.data, digest.size});
  return size.ok() ? *size : -1;
}

int32_t content_create(ktl_call* call) noexcept {
  auto file = store_of(call).create();
  if (!file.ok()) {
    PluginCall::of(call).fail(static_cast<ktl_status>(file.status().code()),
                              file.status().message(), file.status().next());
    return -1;
  }
  return file->release();
}

ktl_status content_commit(ktl_call* call, int32_t fd, ktl_str digest) noexcept {
  return PluginCall::of(call).note(store_of(call).commit(fd, {digest.data, digest.size}));
}

ktl_status content_folder(ktl_call* call, char* path, size_t* path_size) noexcept {
  return fill(store_of(call).folder(), path, path_size);
}

}  // namespace

const ktl_host_content_v1& content_table() {
  static constexpr ktl_host_content_v1 kTable = {&content_open, &content_size, &content_create,
                                                 &content_commit, &content_folder};
  return kTable;
}

}  // namespace ktl
