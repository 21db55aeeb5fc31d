// What a user may choose about a private builder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/size.h"
#include "base/status.h"
#include "oci/registry_rule.h"

namespace ktl::builder {

// `zone` and `network` decide which builder it is; the rest is how that builder runs.
struct Settings {
  std::string zone = "default";      // zones share neither state nor cache
  std::string network = "internet";  // as parse_network takes it
  int64_t idle_seconds = 600;
  std::string keep_storage = "20GB";  // the cache is collected down to this, "10%" of the disk too
  std::string min_free = "10%";       // collected further while less of the disk is free

  std::vector<oci::RegistryRule> registries;  // how it reaches them
  // Of registries on this machine's loopback, besides those that `registries` names: the daemon
  // reaches them at the same place. No other builder and no restart.
  std::vector<uint16_t> loopback_ports;

  bool operator==(const Settings&) const = default;
};

// A zone's name goes into a folder's: 1 to 32 of a-z, 0-9, '-', '_', '.', beginning with a letter
// or digit. kInvalidArgument says so.
Status check_zone(const std::string& zone);

// bytes_of, or "1%" to "100%".
Status check_size(const std::string& size);

// The plugin's configuration (schema.json, judged by it before), defaults for what is absent.
Settings settings_of(const json::value& config);

json::object to_json(const Settings& settings);

// The numbers of an array "loopback_ports" that are ports.
std::vector<uint16_t> loopback_ports_in(const json::value& document);

}  // namespace ktl::builder
