// Credentials of registries, and tokens for them, for the host of this process.
#pragma once

#include <memory>
#include <vector>

#include "core/document/reach.h"
#include "core/plugins/services/services.h"
#include "oci/registry/token_exchange.h"
#include "oci/registry_auth.h"

namespace ktl::cli {

// Docker's configuration or --authfile, and the registries themselves.
class RegistryService final : public AuthService {
 public:
  // `rules`: how registries, and the token servers they name, are reached. `cancel_fd` as in
  // http::Client.
  RegistryService(oci::RegistryAuth auth, std::vector<RegistryRule> rules, int cancel_fd);

  [[nodiscard]] Result<std::optional<oci::Credentials>> credentials(
      std::string_view registry) const override {
    return auth_.credentials(registry);
  }
  [[nodiscard]] Result<oci::Entry> entry(std::string_view registry) const override;
  [[nodiscard]] Result<oci::Token> token(std::string_view registry,
                                         const std::vector<std::string>& scopes) const override;

 private:
  const oci::RegistryAuth auth_;
  const std::vector<RegistryRule> rules_;
  http::Client client_;
  const std::unique_ptr<oci::TokenExchange> exchange_;
};

}  // namespace ktl::cli
