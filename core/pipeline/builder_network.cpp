#include "core/pipeline/builder_network.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "base/number.h"
#include "core/pipeline/step_fence.h"
#include "http/url.h"
#include "oci/reference.h"

namespace ktl {
namespace {

constexpr std::string_view kImage = "docker-image://";
constexpr size_t kMaxHosts = 256;  // of a builder's list
constexpr size_t kMaxName = 253;

// A HOST[:PORT] in its two parts; port 0: none is written.
struct Place {
  std::string host;
  uint16_t port = 0;

  [[nodiscard]] bool is_local() const { return http::is_loopback(host); }
  [[nodiscard]] std::string str() const {
    return port == 0 ? host : host + ":" + std::to_string(port);
  }
};

Place place_of(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  const bool ipv6 =
      colon != std::string_view::npos && authority.find(']', colon) < authority.size();
  const auto port = colon == std::string_view::npos || ipv6
                        ? std::nullopt
                        : whole_number(authority.substr(colon + 1));
  const bool fits = port && *port > 0 && *port <= UINT16_MAX;
  return {http::lower(authority.substr(0, fits ? colon : authority.size())),
          fits ? static_cast<uint16_t>(*port) : uint16_t{0}};
}

// What a builder's list can hold; of addresses in brackets only those that were checked before.
bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= kMaxName && host.find("..") == std::string_view::npos &&
         host.front() != '.' && host.front() != '-' && host.back() != '.' &&
         std::ranges::all_of(host, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

// Registries that have tokens for everybody, or what is in an image, elsewhere, as their owners
// tell those who run a firewall: docs.docker.com/desktop/setup/allow-list, docs.github.com
// (container registry), access.redhat.com/articles/7001746. Of others the gate says where they
// lead.
struct Elsewhere {
  std::string_view registry;
  std::array<std::string_view, 4> hosts;  // an empty one is none
};
constexpr std::array<Elsewhere, 3> kElsewhere = {{
    {"registry-1.docker.io",
     {"auth.docker.io", "production.cloudflare.docker.com", "production.cloudfront.docker.com",
      "docker-images-prod.6aa30f8b08e16409b46e0173d6de2f56.r2.cloudflarestorage.com"}},
    {"ghcr.io", {"pkg-containers.githubusercontent.com"}},
    {"quay.io", {"cdn.quay.io", "cdn01.quay.io", "cdn02.quay.io", "cdn03.quay.io"}},
}};

// The authority of "https://HOST/...", "ssh://git@HOST/..." and "git@HOST:path"; empty: none.
std::string_view authority_of(std::string_view url) {
  const size_t scheme = url.find("://");
  url.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const size_t at = url.rfind('@');
  url.remove_prefix(at == std::string_view::npos ? 0 : at + 1);
  return scheme == std::string_view::npos ? url.substr(0, url.find(':')) : url;
}

class Hosts {
 public:
  explicit Hosts(const Request& request) : request_(request) {}

  // As somebody wrote it. `trusted`: who it was may open private networks and this machine.
  void add(std::string_view authority, bool trusted) {
    Place place = place_of(authority);
    const oci::RegistryRule* rule = oci::rule_for(request_.registries, authority);
    trusted = trusted || rule != nullptr;
    place.port = trusted ? place.port : uint16_t{0};
    const bool fits = is_name(place.host) || (trusted && place.host.starts_with('['));
    if (fits && (place.port != 0 || !place.is_local()) && hosts_.size() < kMaxHosts) {
      hosts_.insert(place.str());
    }
  }

  void add_image(const std::string& ref, bool trusted) {
    const auto name = oci::parse_reference(ref);
    if (!name.ok()) {
      return;  // an argument that has no value yet: the builder says which image it is
    }
    add(name->registry_host(), trusted);
    if (const oci::RegistryRule* rule = oci::rule_for(request_.registries, name->domain)) {
      for (const std::string& mirror : rule->mirrors) {
        add(std::string_view(mirror).substr(0, mirror.find('/')), true);
      }
    }
    for (const Elsewhere& each : kElsewhere) {
      for (const std::string_view host : each.hosts) {
        add(each.registry == name->registry_host() ? host : "", false);
      }
    }
  }

  void add_source(const PlanSource& source) {
    const bool trusted = is_named(source.ref);
    if (source.kind == "image" || source.kind == "frontend") {
      add_image(source.ref, trusted);
    } else {
      add(authority_of(source.ref), trusted);
    }
  }

  [[nodiscard]] std::vector<std::string> list() const { return {hosts_.begin(), hosts_.end()}; }

 private:
  // The user's own words, whatever they stand for in the Dockerfile.
  [[nodiscard]] bool is_named(const std::string& ref) const {
    const auto& contexts = request_.inputs.build_contexts;
    return ref == request_.context || std::ranges::any_of(contexts, [&ref](const auto& each) {
             return each.second == ref || each.second == std::string(kImage) + ref;
           });
  }

  const Request& request_;
  std::set<std::string> hosts_;
};

// The images that the user named for the builder, tags aside: it does not push.
std::vector<std::string> cache_refs(const Request& request) {
  std::vector<std::string> refs;
  for (const auto* caches : {&request.inputs.cache_from, &request.inputs.cache_to}) {
    for (const TypedEntry& cache : *caches) {
      const auto ref = cache.attrs.find("ref");
      if (ref != cache.attrs.end()) {
        refs.push_back(ref->second);
      }
    }
  }
  return refs;
}

std::vector<std::string> named_refs(const Request& request) {
  std::vector<std::string> refs = cache_refs(request);
  refs.insert(refs.end(), request.tags.begin(), request.tags.end());
  for (const auto& [name, value] : request.inputs.build_contexts) {
    refs.push_back(value.starts_with(kImage) ? value.substr(kImage.size()) : "");
  }
  return refs;
}

}  // namespace

std::vector<std::string> builder_hosts(const Request& request, const Plan& plan) {
  Hosts hosts(request);
  for (const std::string& host : plan.fence.allow) {
    hosts.add(host, true);
  }
  for (const PlanSource& source : plan.sources) {
    if (plan.lock == nullptr || source.kind != "http") {  // ktl hands a locked file in
      hosts.add_source(source);
    }
  }
  for (const std::string& ref : cache_refs(request)) {
    hosts.add_image(ref, true);
  }
  return hosts.list();
}

std::string builder_network(const Request& request, const Plan& plan) {
  const auto& allow = request.inputs.allow;
  if (request.network == "host" && std::ranges::find(allow, "network.host") != allow.end()) {
    return "host";
  }
  const std::string& steps = plan.fence.network;
  if (steps != "none" && steps != "list" && steps != "locked") {
    return "internet";
  }
  std::string list;
  for (const std::string& host : builder_hosts(request, plan)) {
    list += (list.empty() ? "allow:" : ",") + host;
  }
  return list.empty() ? "none" : list;
}

std::vector<int64_t> builder_loopback_ports(const Request& request, const Plan& plan) {
  std::set<int64_t> ports;
  auto add = [&ports](std::string_view authority) {
    const Place place = place_of(authority);
    if (place.port != 0 && place.is_local()) {
      ports.insert(place.port);
    }
  };
  for (const std::string& ref : named_refs(request)) {
    const auto name = oci::parse_reference(ref);
    add(name.ok() ? name->domain : "");
  }
  for (const std::string& host : plan.fence.allow) {
    add(host);
  }
  return {ports.begin(), ports.end()};
}

}  // namespace ktl
