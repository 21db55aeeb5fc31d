#include "builder/order.h"

#include "base/fd.h"
#include "base/json.h"

namespace ktl::builder {
namespace {

constexpr size_t kMaxFile = 1U << 20U;

}  // namespace

Status write_order(const Site& site) {
  json::object order{{"schema", "ktl.builder-order/1"},  {"buildkitd", site.programs.buildkitd},
                     {"runtime", site.programs.runtime}, {"rootlesskit", site.programs.rootlesskit},
                     {"unshare", site.programs.unshare}, {"settings", to_json(site.settings)}};
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
  site.programs = {
      std::string(text_of(*order, "buildkitd")), std::string(text_of(*order, "runtime")),
      std::string(text_of(*order, "rootlesskit")), std::string(text_of(*order, "unshare"))};
  site.settings = settings_of(*settings);
  site.settings.zone = text_of(*settings, "zone");
  site.settings.network = text_of(*settings, "network");
  return site;
}

}  // namespace ktl::builder
