// "ktl.host.builder/1" over the programs that lead to builders.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status builder_open(ktl_call* call, ktl_str builder, int32_t node, int32_t* stream,
                        int32_t* errors, int32_t* process) noexcept {
  auto& self = PluginCall::of(call);
  auto line = node < 0 ? Result<BuilderLine>(Status(Code::kInvalidArgument, "a negative node"))
                       : self.host().builders->open({builder.data, builder.size},
                                                    static_cast<size_t>(node));
  if (!line.ok()) {
    return self.note(line.status());
  }
  *stream = line->stream.release();
  *errors = line->errors.release();
  *process = line->process.release();
  return KTL_OK;
}

}  // namespace

const ktl_host_builder_v1& builder_table() {
  static constexpr ktl_host_builder_v1 kTable = {&builder_open};
  return kTable;
}

}  // namespace ktl
