#include "oci/registry_rule.h"

#include <algorithm>

namespace ktl::oci {

std::vector<RegistryRule> registry_rules(const json::value& document) {
  std::vector<RegistryRule> rules;
  const json::value* list = field_of(document, "registries");
  if (list == nullptr || !list->is_array()) {
    return rules;
  }
  for (const json::value& one : list->as_array()) {
    rules.push_back({.host = std::string(text_of(one, "host")),
                     .mirrors = texts_of(one, "mirrors"),
                     .http = bool_of(one, "http"),
                     .insecure = bool_of(one, "insecure"),
                     .ca = std::string(text_of(one, "ca")),
                     .proxy = std::string(text_of(one, "proxy")),
                     .no_proxy = texts_of(one, "no_proxy"),
                     .origin = std::string(text_of(one, "origin"))});
  }
  return rules;
}

json::array to_json(const std::vector<RegistryRule>& rules) {
  json::array list;
  for (const RegistryRule& rule : rules) {
    list.emplace_back(
        json::object{{"host", rule.host},
                     {"mirrors", json::array(rule.mirrors.begin(), rule.mirrors.end())},
                     {"http", rule.http},
                     {"insecure", rule.insecure},
                     {"ca", rule.ca},
                     {"proxy", rule.proxy},
                     {"no_proxy", json::array(rule.no_proxy.begin(), rule.no_proxy.end())},
                     {"origin", rule.origin}});
  }
  return list;
}

const RegistryRule* rule_for(const std::vector<RegistryRule>& rules, std::string_view domain) {
  auto found = std::ranges::find(rules, domain, &RegistryRule::host);
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace ktl::oci
