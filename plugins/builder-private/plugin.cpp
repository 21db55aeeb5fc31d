// The plugin: ktl.builder/1, `ktl builder` and the doctor's lines, over
// plugins/solver-buildkit/builder.
#include <ktl/plugin.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

#include "base/json.h"
#include "base/status.h"
#include "builder/builder.h"
#include "builder/commands.h"
#include "builder/gate_journal.h"
#include "builder/survey.h"
#include "control/disk.h"
#include "oci/registry_rule.h"

namespace ktl::solver {
namespace {

// The verb's boundary: from here on a failure is an exception that the SDK turns into a status.
void raise_if(const Status& status) {
  if (!status.ok()) {
    const std::string place = status.where().empty() ? "" : status.where() + ": ";
    throw Error(static_cast<ktl_status>(status.code()), place + status.message(), status.next());
  }
}

template <class T>
T take(Result<T> result) {
  raise_if(result.status());
  return *std::move(result);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

builder::Caller caller_of(const Call& call) {
  return {call.cancel_fd(), [&call](const std::string& line) { call.log(KTL_INFO, line); }};
}

}  // namespace

class PrivateBuilder final : public BuilderKeeper, public Runner, public Checker {
 public:
  PrivateBuilder(Call& /*call*/, std::string_view config)
      : settings_(builder::settings_of(take(parse_json(config)))) {}

  std::string acquire(Call& call, std::string_view document) override {
    const json::value wanted = take(parse_json(document));
    builder::BuilderRequest request = request_of(call, "auto");
    request.start = bool_of(wanted, "start", true);
    request.settings.registries = oci::registry_rules(wanted);
    request.settings.network = text_of(wanted, "network", request.settings.network);
    request.settings.loopback_ports = builder::loopback_ports_in(wanted);
    if (const json::value* options = field_of(wanted, "options"); options != nullptr) {
      request.settings.zone = text_of(*options, "trust", request.settings.zone);
    }
    builder::Builder found = take(builder::resolve_builder(request, caller_of(call)));
    const int64_t size = found.journal.empty() ? 0 : builder::journal_size(found.journal);
    leases_.emplace(found.address, Lease{std::move(found.lock), found.journal, size});
    json::array lines;
    for (const builder::FenceLine& line : found.lines) {
      lines.push_back(
          {{"control", line.control}, {"value", line.value}, {"evidence", line.evidence}});
    }
    return json::serialize(json::object{{"schema", "ktl.lease/1"},
                                        {"address", found.address},
                                        {"kind", found.kind},
                                        {"note", found.note},
                                        {"steps_fenced", found.steps_fenced},
                                        {"lines", std::move(lines)}});
  }

  std::string release(Call& call, std::string_view document) override {
    const json::value lease = take(parse_json(document));
    const auto held = leases_.find(std::string(text_of(lease, "address")));
    if (held == leases_.end()) {
      throw Error(KTL_NOT_FOUND, "no builder of that address is leased");
    }
    for (const std::string& line : refusals_of(held->second)) {
      call.log(KTL_WARN, line + "; --allow-network=HOST:PORT adds a host");
    }
    leases_.erase(held);
    return "{}";
  }

  std::string run(Call& call, std::string_view document) override {
    const json::value command = take(parse_json(document));
    builder::BuilderRequest request = request_of(call, "auto");
    request.settings.registries = oci::registry_rules(command);
    const std::string out = take(builder::run_builder_command(
        texts_of(command, "args"), std::move(request), open_disk, caller_of(call)));
    return json::serialize(json::object{{"exit", 0}, {"stdout", out}});
  }

  // Of another builder its solver tells.
  std::string check(Call& call, std::string_view document) override {
    const json::value what = take(parse_json(document));
    const std::string address(text_of(what, "builder", "auto"));
    const auto parsed = builder::parse_address(address, environment);
    const bool own = !parsed.ok() || parsed->kind == builder::Address::Kind::kPrivate;
    json::array probes;
    if (own && field_of(what, "members") == nullptr) {
      for (const builder::Probe& each : builder::probe_builder(request_of(call, address))) {
        probes.push_back({{"id", each.id},
                          {"status", each.status},
                          {"evidence", each.evidence},
                          {"fix", each.fix}});
      }
    }
    return json::serialize(json::object{{"probes", std::move(probes)}});
  }

 private:
  [[nodiscard]] builder::BuilderRequest request_of(const Call& call, std::string address) const {
    const auto& folders = call.service<ktl_host_state_v1>(KTL_HOST_STATE_ID);
    builder::BuilderRequest request;
    request.address = std::move(address);
    request.settings = settings_;
    request.ktl = std::filesystem::read_symlink("/proc/self/exe");
    request.state = call.path(folders.state);
    request.runtime = call.path(folders.runtime);
    request.root = ::geteuid() == 0;
    request.getenv = environment;
    return request;
  }

  // A builder in use, and how long its gate's journal was when that began.
  struct Lease {
    UniqueFd lock;
    std::filesystem::path journal;
    int64_t size = 0;
  };

  static std::vector<std::string> refusals_of(const Lease& lease) {
    return lease.journal.empty() ? std::vector<std::string>()
                                 : builder::refused_since(lease.journal, lease.size);
  }

  const builder::Settings settings_;
  std::multimap<std::string, Lease> leases_;  // by address: one for each build
};

}  // namespace ktl::solver

KTL_PLUGIN(ktl::solver::PrivateBuilder)
