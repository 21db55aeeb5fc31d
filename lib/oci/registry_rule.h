// `registries:` of a project file, as plans and requests carry it: how each registry is reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ktl::oci {

// The fields as docs/schema/plan-1.json describes them; `host` "*" holds for every registry.
struct RegistryRule {
  std::string host;
  std::vector<std::string> mirrors;
  bool http = false;
  bool insecure = false;
  std::string ca;
  std::string proxy;
  std::vector<std::string> no_proxy;
  std::string origin;

  // TLS even where a loopback registry would speak plain HTTP.
  [[nodiscard]] bool wants_tls() const { return insecure || !ca.empty(); }
  bool operator==(const RegistryRule&) const = default;
};

// The array "registries" of a plan or request; empty when there is none.
std::vector<RegistryRule> registry_rules(const json::value& document);

json::array to_json(const std::vector<RegistryRule>& rules);

// The rule for the registry that image names call `domain`; nullptr when there is none.
const RegistryRule* rule_for(const std::vector<RegistryRule>& rules, std::string_view domain);

}  // namespace ktl::oci
