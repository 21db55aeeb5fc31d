#include "cli/registry_auth.h"

#include "oci/reference.h"
#include "oci/registry/routed.h"

namespace ktl::cli {

namespace {

// An authority that is named for a registry on loopback means that it has TLS.
bool speaks_plain(const std::vector<RegistryRule>& rules, std::string_view registry) {
  const RegistryRule* rule = oci::rule_for(rules, registry);
  const bool http = rule != nullptr && rule->http;
  const bool tls = rule != nullptr && rule->wants_tls();
  return http || (!tls && oci::is_loopback_registry(std::string(registry)));
}

}  // namespace

RegistryService::RegistryService(oci::RegistryAuth auth, std::vector<RegistryRule> rules,
                                 int cancel_fd)
    : auth_(std::move(auth)),
      rules_(std::move(rules)),
      client_(cancel_fd),
      exchange_(std::make_unique<oci::TokenExchange>(
          std::make_unique<oci::RoutedTransport>(client_, rules_),
          [this](std::string_view registry) { return auth_.credentials(registry); },
          [this](std::string_view registry) { return speaks_plain(rules_, registry); })) {}

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
