#include "host_credentials.h"

#include <string>

namespace ktl::export_oci {
namespace {

// Identity tokens are the longest; a few KiB are usual.
constexpr size_t kUserSize = 1024;
constexpr size_t kSecretSize = 64U << 10U;

}  // namespace

oci::CredentialSource host_credentials(const Call& call) {
  return [&call](std::string_view registry) -> Result<std::optional<oci::Credentials>> {
    const void* table = call.host().get(call.raw(), str(KTL_HOST_AUTH_ID));
    if (table == nullptr) {
      return std::optional<oci::Credentials>();
    }
    std::string user(kUserSize, '\0');
    std::string secret(kSecretSize, '\0');
    size_t user_size = user.size();
    size_t secret_size = secret.size();
    ktl_status code = static_cast<const ktl_host_auth_v1*>(table)->credentials(
        call.raw(), str(registry), user.data(), &user_size, secret.data(), &secret_size);
    std::optional<oci::Credentials> found;
    if (code == KTL_OK) {
      found.emplace(user.substr(0, user_size), secret.substr(0, secret_size));
    }
    oci::Credentials::wipe(user);
    oci::Credentials::wipe(secret);
    if (code != KTL_OK && code != KTL_NOT_FOUND) {
      return Status(static_cast<Code>(code),
                    "no credentials for " + std::string(registry) + " could be read")
          .advise("look at the credential helper or the file that holds them");
    }
    return found;
  };
}

}  // namespace ktl::export_oci
