// `registries:` of a project file, as plans and requests carry it: how each registry is reached.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ktl::oci {

// The fields as docs/schema/plan-1.json describes them; `host` "*" holds for every registry.
struct RegistryRule {
  std::string host;                  // HOST[:PORT]
  std::vector<std::string> mirrors;  // HOST[:PORT][/PATH], asked first, in order
  bool http = false;                 // no TLS
  bool insecure = false;             // the certificate is not checked
  std::string ca;                    // PEM file, absolute; empty: the system's authorities only
  std::string proxy;                 // of "*" only: http://HOST[:PORT], never with credentials
  std::vector<std::string> no_proxy;
  std::string origin;  // "/abs/ktl.yaml:3:5"

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
