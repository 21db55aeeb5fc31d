#include "builder/order.h"

#include "base/fd.h"
#include "base/json.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 1U << 20U;

}  // namespace

Status write_order(const Site& site) {
  json::object order{{"schema", "ktl.builder-order/1"},
                     {"buildkitd", site.programs.buildkitd},
                     {"runtime", site.programs.runtime},
                     {"jail", site.programs.jail},
                     {"unshare", site.programs.unshare},
                     {"uplink", site.programs.uplink},
                     {"uid", site.ids.uid},
                     {"gid", site.ids.gid},
                     {"own", site.ids.own},
                     {"settings", to_json(site.settings)}};
  return write_file_atomic(site.home.order(), pretty_json(order), 0600);
}

Result<Site> read_order(const std::filesystem::path& file) {
  KTL_ASSIGN(std::string text, read_file(file, kMaxFile));
  auto order = parse_json(text, kMaxFile);
  const json::value* settings = order.ok() ? field_of(*order, "settings") : nullptr;
  if (settings == nullptr) {
    return Status(Code::kDataLoss, "is no order for a supervisor").at(file.string());
  }
  Site site;
  auto text_at = [&](std::string_view key) { return std::string(text_of(*order, key)); };
  site.programs = {text_at("buildkitd"), text_at("runtime"), text_at("jail"), text_at("unshare"),
                   text_at("uplink")};
  site.ids = {static_cast<uint32_t>(int_of(*order, "uid")),
              static_cast<uint32_t>(int_of(*order, "gid")), bool_of(*order, "own")};
  site.settings = settings_of(*settings);
  site.settings.zone = text_of(*settings, "zone");
  site.settings.network = text_of(*settings, "network");
  return site;
}

}  // namespace ktl::builder
