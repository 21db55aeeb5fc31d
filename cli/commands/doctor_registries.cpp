#include "cli/commands/doctor_registries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cli/render/sanitize.h"
#include "cli/request/convert.h"
#include "oci/reference.h"

namespace ktl::cli {
namespace {

struct Proxy {
  std::string address;
  std::vector<std::string> direct;  // hosts that it is not for
  std::string origin;
};

std::string_view without_port(std::string_view host) {
  return host.starts_with('[') ? host.substr(0, host.find(']') + 1)
                               : host.substr(0, host.find(':'));
}

// "http://user:word@host:1" says its credentials to nobody.
std::string without_credentials(const std::string& address) {
  const size_t mark = address.find("://");
  const size_t host = mark == std::string::npos ? 0 : mark + 3;
  const size_t at = address.rfind('@');
  return at == std::string::npos || at < host ? address
                                              : address.substr(0, host) + address.substr(at + 1);
}

// A name stands for itself and what ends in it.
bool is_direct(std::string_view host, const Proxy& proxy) {
  host = without_port(host);
  return std::ranges::any_of(proxy.direct, [&](std::string_view name) {
    name = without_port(name.starts_with('.') ? name.substr(1) : name);
    const bool inside = host.size() > name.size() && host.ends_with(name) &&
                        host[host.size() - name.size() - 1] == '.';
    return name == "*" || (!name.empty() && (host == name || inside));
  });
}

Proxy proxy_of(const std::vector<RegistryRule>& rules, const Environment& environment) {
  auto first = [&](const char* upper, const char* lower) {
    const std::string value = environment.text(lower);
    return value.empty() ? environment.text(upper) : value;
  };
  if (const std::string own = first("HTTPS_PROXY", "https_proxy"); !own.empty()) {
    return {without_credentials(own), split_commas(first("NO_PROXY", "no_proxy")), "HTTPS_PROXY"};
  }
  const RegistryRule* all = oci::rule_for(rules, "*");
  return all == nullptr ? Proxy() : Proxy{all->proxy, all->no_proxy, all->origin};
}

RegistryRow row_of(const RegistryRule& rule, const Proxy& proxy) {
  const bool loopback = oci::is_loopback_registry(rule.host);
  RegistryRow row{.host = rule.host,
                  .mirrors = rule.mirrors,
                  .http = rule.http || (loopback && !rule.wants_tls()),
                  .insecure = rule.insecure,
                  .ca = rule.ca,
                  .origin = rule.origin};
  if (!proxy.address.empty() && !loopback && !is_direct(rule.host, proxy)) {
    row.proxy = proxy.address;
    row.proxy_origin = proxy.origin;
  }
  return row;
}

using Cells = std::array<std::string, 6>;

Cells cells_of(const RegistryRow& row) {
  const std::string tls = row.http ? "no" : row.insecure ? "unchecked" : "yes";
  Cells cells = {row.host,  tls,       row.ca, fmt::format("{}", fmt::join(row.mirrors, ",")),
                 row.proxy, row.origin};
  for (std::string& cell : cells) {
    cell = cell.empty() ? "-" : one_line(cell);
  }
  return cells;
}

}  // namespace

std::vector<RegistryRow> registry_rows(const std::vector<RegistryRule>& rules,
                                       const Environment& environment) {
  const Proxy proxy = proxy_of(rules, environment);
  std::vector<RegistryRow> rows;
  for (const RegistryRule& rule : rules) {
    if (rule.host != "*") {
      rows.push_back(row_of(rule, proxy));
    }
  }
  const RegistryRule* all = oci::rule_for(rules, "*");
  rows.push_back(row_of(all == nullptr ? RegistryRule{.host = "*"} : *all, proxy));
  return rows;
}

json::array to_json(const std::vector<RegistryRow>& rows) {
  json::array list;
  for (const RegistryRow& row : rows) {
    list.emplace_back(json::object{{"host", row.host},
                                   {"mirrors", json::value_from(row.mirrors)},
                                   {"http", row.http},
                                   {"insecure", row.insecure},
                                   {"ca", row.ca},
                                   {"proxy", row.proxy},
                                   {"proxy_origin", row.proxy_origin},
                                   {"origin", row.origin}});
  }
  return list;
}

std::string to_text(const std::vector<RegistryRow>& rows) {
  std::vector<Cells> lines = {{"REGISTRY", "TLS", "CA", "MIRRORS", "PROXY", "ORIGIN"}};
  std::ranges::transform(rows, std::back_inserter(lines), cells_of);
  std::array<size_t, 6> widths{};
  for (const Cells& cells : lines) {
    for (size_t i = 0; i + 1 < cells.size(); ++i) {
      widths[i] = std::max(widths[i], cells[i].size());
    }
  }
  std::string text;
  for (const Cells& cells : lines) {
    for (size_t i = 0; i < cells.size(); ++i) {
      text += fmt::format("{:<{}}{}", cells[i], widths[i], i + 1 < cells.size() ? "  " : "\n");
    }
  }
  return text;
}

}  // namespace ktl::cli
