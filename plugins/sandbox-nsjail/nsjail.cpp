#include "nsjail.h"

#include <filesystem>

#include "base/json.h"
#include "config.h"
#include "jail/jail.h"
#include "jail/runtime.h"
#include "jail/wrap.h"

namespace ktl::sandbox_nsjail {
namespace {

constexpr const char* kInstall = "run scripts/install-nsjail, or name one with --sandbox-bin";

[[noreturn]] void raise(const Status& status) {
  const std::string where = status.where().empty() ? "" : status.where() + ": ";
  throw Error(static_cast<ktl_status>(status.code()), where + status.message(), status.next());
}

template <class T>
T must(Result<T> result) {
  if (!result.ok()) {
    raise(result.status());
  }
  return *std::move(result);
}

std::string runtime_of(const jail::Fence& fence) {
  if (std::filesystem::path(fence.runtime).filename() == "bwrap") {
    raise({Code::kFailedPrecondition, fence.runtime + " is bubblewrap and no nsjail"});
  }
  return must(jail::find_runtime(fence.runtime, "nsjail", kInstall));
}

jail::Jail jail_of(const jail::Fence& fence) {
  const jail::Machine machine = jail::this_machine();
  jail::Jail made = must(jail::make_jail(fence, machine, true));
  if (const Status able = jail::check_machine(made, machine); !able.ok()) {
    raise(able);
  }
  return made;
}

}  // namespace

std::string Nsjail::probe(Call& /*call*/, std::string_view document) {
  const json::value value = must(parse_json(document));
  const jail::Fence fence = must(jail::to_fence(value.as_object()));
  const jail::Jail made = jail_of(fence);  // a fault of the policy comes before a missing runtime
  return json::serialize(describe(made, runtime_of(fence), "", true));
}

std::string Nsjail::wrap(Call& /*call*/, std::string_view document) {
  const json::value value = must(parse_json(document));
  const jail::Wrap wrap = must(jail::to_wrap(value.as_object()));
  const jail::Jail made = jail_of(wrap.fence);
  const std::string runtime = runtime_of(wrap.fence);
  jail::Wrapped wrapped(wrap);
  const int config = wrapped.add_file(config_text(made, wrap));
  wrapped.add({runtime});
  if (wrap.log_fd >= 0) {
    wrapped.add({"--log_fd", std::to_string(wrap.log_fd)});
  } else {
    wrapped.add({"--log", "/dev/null"});
  }
  wrapped.add({"--config", "/proc/self/fd/" + std::to_string(config), "--"});
  wrapped.add(wrap.argv);
  if (const Status fits = wrapped.check(); !fits.ok()) {
    raise(fits);
  }
  return json::serialize(wrapped.document());
}

}  // namespace ktl::sandbox_nsjail
