#include "builder/reach.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/json.h"

namespace ktl::builder {
namespace {

std::string quoted(const std::string& text) { return json::serialize(json::string(text)); }

std::string table(const oci::RegistryRule& rule) {
  std::string text = fmt::format("[registry.{}]\n", quoted(rule.host));
  if (!rule.mirrors.empty()) {
    text += "mirrors = [";
    for (const std::string& mirror : rule.mirrors) {
      text += quoted(mirror) + ", ";
    }
    text += "]\n";
  }
  if (rule.http || rule.wants_tls()) {  // said both ways: of itself it speaks plain to loopback
    text += fmt::format("http = {}\n", rule.http);
  }
  if (rule.insecure) {
    text += "insecure = true\n";
  }
  if (!rule.ca.empty()) {
    text += fmt::format("ca = [{}]\n", quoted(rule.ca));
  }
  return text;
}

std::string what_of(const oci::RegistryRule& rule) {
  std::vector<std::string> parts;
  auto add = [&](bool given, const char* name) {
    if (given) {
      parts.emplace_back(name);
    }
  };
  add(!rule.mirrors.empty(), "mirrors");
  add(rule.http, "http");
  add(rule.insecure, "insecure");
  add(!rule.ca.empty(), "ca");
  add(!rule.proxy.empty(), "proxy");
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::string registry_tables(const std::vector<oci::RegistryRule>& rules) {
  std::string text;
  for (const oci::RegistryRule& rule : rules) {
    text += rule.host == "*" ? "" : table(rule);
  }
  return text;
}

std::vector<std::string> proxy_variables(const std::vector<oci::RegistryRule>& rules,
                                         const Getenv& getenv) {
  const oci::RegistryRule* all = oci::rule_for(rules, "*");
  if (all == nullptr || all->proxy.empty() || !getenv("HTTPS_PROXY").empty() ||
      !getenv("https_proxy").empty()) {
    return {};
  }
  return {"HTTPS_PROXY=" + all->proxy, "HTTP_PROXY=" + all->proxy,
          fmt::format("NO_PROXY={}", fmt::join(all->no_proxy, ","))};
}

std::vector<std::string> rules_out_of_reach(const std::vector<oci::RegistryRule>& rules,
                                            const std::vector<std::string>& domains,
                                            const std::string& builder) {
  std::vector<std::string> lines;
  for (const oci::RegistryRule& rule : rules) {
    const bool touched = rule.host == "*" ? !domains.empty()
                                          : std::ranges::find(domains, rule.host) != domains.end();
    if (const std::string what = what_of(rule); touched && !what.empty()) {
      lines.push_back(
          fmt::format("{}: {} of {} is for what ktl itself sends; the builder {} pulls as its own "
                      "configuration says",
                      rule.origin, what, rule.host == "*" ? "all registries" : rule.host, builder));
    }
  }
  return lines;
}

}  // namespace ktl::builder
