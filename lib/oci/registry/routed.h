// Requests on the way that the project's rules say for each registry.
#pragma once

#include <utility>
#include <vector>

#include "http/client.h"
#include "oci/registry_rule.h"

namespace ktl::oci {

// Sends every request the way the rule of its host says: certificates and proxy. A token server
// without a rule goes as the registry that named it. HTTPS_PROXY of the
// environment goes before a rule's proxy, since only there a proxy can have credentials.
class RoutedTransport : public http::Transport {
 public:
  // `inner` must outlive it.
  RoutedTransport(http::Transport& inner, std::vector<RegistryRule> rules)
      : inner_(inner), rules_(std::move(rules)) {}
  Result<http::Response> send(const http::Request& request) override;

 private:
  http::Transport& inner_;
  const std::vector<RegistryRule> rules_;
};

}  // namespace ktl::oci
