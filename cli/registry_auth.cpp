#include "cli/registry_auth.h"

#include <algorithm>

namespace ktl::cli {

RegistryService::RegistryService(oci::RegistryAuth auth, std::vector<RegistryRule> rules,
                                 int cancel_fd)
    : auth_(std::move(auth)),
      rules_(std::move(rules)),
      exchange_(std::make_unique<oci::TokenExchange>(
          std::make_unique<http::Client>(cancel_fd),
          [this](std::string_view registry) { return auth_.credentials(registry); },
          [this](std::string_view registry) {
            return std::ranges::any_of(rules_, [&](const RegistryRule& rule) {
              return rule.http && rule.host == registry;
            });
          })) {}

Result<oci::Entry> RegistryService::entry(std::string_view registry) const {
  return exchange_->entry(std::string(registry));
}

Result<oci::Token> RegistryService::token(std::string_view registry,
                                          const std::vector<std::string>& scopes) const {
  KTL_ASSIGN(const auto found, auth_.credentials(registry));
  if (!found.has_value()) {
    return Status(Code::kNotFound, "no credentials are known for " + std::string(registry));
  }
  if (!scopes.empty()) {
    return exchange_->token(std::string(registry), scopes);
  }
  KTL_ASSIGN(const oci::Entry entry, exchange_->entry(std::string(registry)));
  return entry == oci::Entry::kToken
             ? Result<oci::Token>(oci::Token())
             : Status(Code::kNotFound, std::string(registry) + " gives no tokens");
}

}  // namespace ktl::cli
