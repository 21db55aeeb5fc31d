#include "oci/registry/routed.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "http/url.h"

namespace ktl::oci {
namespace {

// What image names call the registry behind a URL.
std::string domain_of(const http::Url& url) {
  if (url.host == "registry-1.docker.io") {
    return "docker.io";
  }
  const bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  return usual ? url.host : url.host + ":" + std::to_string(url.port);
}

bool environment_has_proxy() {
  constexpr std::array<const char*, 2> kNames = {"HTTPS_PROXY", "https_proxy"};
  return std::ranges::any_of(kNames, [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != 0;
  });
}

}  // namespace

Result<http::Response> RoutedTransport::send(const http::Request& request) {
  Result<http::Url> url = http::parse_url(request.url);
  if (rules_.empty() || !url.ok()) {
    return inner_.send(request);
  }
  http::Request routed = request;
  const RegistryRule* own = rule_for(rules_, domain_of(*url));
  if (const RegistryRule* rule = own != nullptr ? own : rule_for(rules_, request.route.as_for)) {
    routed.route.ca_file = rule->ca;
    routed.route.unchecked = rule->insecure;
  }
  const RegistryRule* all = rule_for(rules_, "*");
  if (all != nullptr && !all->proxy.empty() && !environment_has_proxy()) {
    routed.route.proxy = all->proxy;
    routed.route.no_proxy = fmt::format("{}", fmt::join(all->no_proxy, ","));
  }
  return inner_.send(routed);
}

}  // namespace ktl::oci
