// "ktl.host.auth/1" over Docker's configuration or --authfile.
#include "core/plugins/call.h"
#include "core/plugins/services/tables.h"

namespace ktl {
namespace {

ktl_status auth_credentials(ktl_call* call, ktl_str registry, char* user, size_t* user_size,
                            char* secret, size_t* secret_size) noexcept {
  auto& self = PluginCall::of(call);
  auto found = self.host().auth->credentials({registry.data, registry.size});
  if (!found.ok()) {
    return self.note(found.status());
  }
  if (!found->has_value()) {
    return KTL_NOT_FOUND;
  }
  const oci::Credentials& credentials = **found;
  ktl_status user_fits = fill(credentials.user(), user, user_size);
  ktl_status secret_fits = fill(credentials.secret(), secret, secret_size);
  return user_fits == KTL_OK ? secret_fits : user_fits;
}

}  // namespace

const ktl_host_auth_v1& auth_table() {
  static constexpr ktl_host_auth_v1 kTable = {&auth_credentials};
  return kTable;
}

}  // namespace ktl
