#include "builder/settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/number.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxZone = 32;

bool plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

Status check_zone(const std::string& zone) {
  bool fits = !zone.empty() && zone.size() <= kMaxZone && plain(zone[0]) &&
              std::ranges::all_of(
                  zone, [](char c) { return plain(c) || c == '-' || c == '_' || c == '.'; });
  if (fits) {
    return {};
  }
  return Status(Code::kInvalidArgument, "'" + valid_utf8(zone) + "' is no name of a trust zone")
      .advise("use 1 to 32 of a-z, 0-9, '-', '_' and '.', beginning with a letter or digit");
}

Status check_size(const std::string& size) {
  if (!size.ends_with('%')) {
    return bytes_of(size).status();
  }
  const auto percent = whole_number({size.data(), size.size() - 1});
  if (percent && *percent > 0 && *percent <= 100) {
    return {};
  }
  return {Code::kInvalidArgument, "'" + valid_utf8(size) + "' is no share of a disk: 1% to 100%"};
}

Settings settings_of(const json::value& config) {
  Settings settings;
  settings.idle_seconds = int_of(config, "idle_seconds", settings.idle_seconds);
  settings.keep_storage = text_of(config, "keep_storage", settings.keep_storage);
  settings.min_free = text_of(config, "min_free", settings.min_free);
  settings.registries = oci::registry_rules(config);
  settings.loopback_ports = loopback_ports_in(config);
  return settings;
}

std::vector<uint16_t> loopback_ports_in(const json::value& document) {
  std::vector<uint16_t> ports;
  const json::value* list = field_of(document, "loopback_ports");
  if (list == nullptr || !list->is_array()) {
    return ports;
  }
  for (const json::value& each : list->as_array()) {
    boost::system::error_code error;
    const auto port = each.to_number<int64_t>(error);
    if (!error && port > 0 && port <= UINT16_MAX) {
      ports.push_back(static_cast<uint16_t>(port));
    }
  }
  return ports;
}

json::object to_json(const Settings& settings) {
  return {{"zone", settings.zone},
          {"network", settings.network},
          {"idle_seconds", settings.idle_seconds},
          {"keep_storage", settings.keep_storage},
          {"min_free", settings.min_free},
          {"registries", oci::to_json(settings.registries)},
          {"loopback_ports",
           json::array(settings.loopback_ports.begin(), settings.loopback_ports.end())}};
}

}  // namespace ktl::builder
