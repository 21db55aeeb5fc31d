// "ktl.host.auth/1" over Docker's configuration or --authfile.
#include <sstream>

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

constexpr size_t kMaxScopes = 64;

Result<std::vector<std::string>> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(std::move(word));
  }
  return words.size() <= kMaxScopes
             ? Result<std::vector<std::string>>(std::move(words))
             : Status(Code::kInvalidArgument, "a token has at most 64 scopes");
}

ktl_status auth_token(ktl_call* call, ktl_str registry, ktl_str scopes, char* token,
                      size_t* token_size, int64_t* seconds) noexcept {
  auto& self = PluginCall::of(call);
  auto words = words_of({scopes.data, scopes.size});
  if (!words.ok()) {
    return self.note(words.status());
  }
  auto found = self.host().auth->token({registry.data, registry.size}, *words);
  if (!found.ok()) {
    return self.note(found.status());
  }
  *seconds = found->seconds();
  return fill(found->value(), token, token_size);
}

}  // namespace

const ktl_host_auth_v1& auth_table() {
  static constexpr ktl_host_auth_v1 kTable = {&auth_credentials, &auth_token};
  return kTable;
}

}  // namespace ktl
