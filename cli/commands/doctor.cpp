// `ktl doctor`: what ktl needs on this machine, one line each.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/clock.h"
#include "cli/commands/doctor_registries.h"
#include "cli/ground.h"
#include "cli/host.h"
#include "cli/interrupts.h"
#include "cli/options/common_options.h"
#include "cli/render/messages.h"
#include "cli/render/sanitize.h"
#include "cli/request/layers.h"
#include "cli/request/order.h"
#include "core/bridge/isolated_plugin.h"
#include "core/pipeline/builder_choice.h"
#include "core/pipeline/exit_code.h"

namespace ktl::cli {
namespace {

constexpr int64_t kProbeNs = 60'000'000'000;

struct Probe {
  std::string id;
  std::string status;  // PASS, FAIL or SKIP
  std::string evidence;
  std::string fix;
};

Probe probe_of(std::string id, const Status& status, const std::string& evidence) {
  if (status.ok()) {
    return {std::move(id), "PASS", evidence, ""};
  }
  std::string where = status.where().empty() ? "" : status.where() + ": ";
  return {std::move(id), "FAIL", where + status.message(), status.next()};
}

Probe version_probe() {
  return {"ktl.version", "PASS",
          fmt::format("ktl {}, plugin contract {:.12}", KTL_VERSION, host_abi()), ""};
}

void manifest_probes(const PluginRegistry& registry, std::vector<Probe>& probes) {
  for (const PluginEntry& entry : registry.entries()) {
    std::string name = entry.manifest.id.empty()
                           ? std::filesystem::path(entry.path).filename().string()
                           : entry.manifest.id;
    std::string evidence =
        entry.manifest.version + " " + entry.path + (entry.used ? "" : " (not used)");
    probes.push_back(probe_of("plugin." + name, entry.fault, evidence));
  }
}

// Loads what is in use; those that are isolated only to see that they can be.
void load_all(PluginRegistry& registry, const std::shared_ptr<const Host>& host,
              const CallContext& context, std::vector<Probe>& probes) {
  auto isolated = bridge::start_isolated(registry, *host, [](const PluginEntry&) { return true; });
  Status loaded =
      isolated.ok() ? registry.start_those(host, context, runs_here) : isolated.status();
  for (size_t i = 0; loaded.ok() && i < isolated->size(); ++i) {
    loaded = (*isolated)[i]->ready(context);
  }
  const size_t apart = isolated.ok() ? isolated->size() : 0;
  std::string evidence = fmt::format("{} plugins loaded", registry.started().size() + apart);
  if (apart > 0) {
    evidence += fmt::format(", {} of them in a process of its own", apart);
  }
  probes.push_back(probe_of("plugins.load", loaded, evidence));
}

// What the plugins themselves look at.
void plugin_probes(PluginRegistry& registry, const json::object& builder,
                   const CallContext& context, std::vector<Probe>& probes) {
  for (Plugin* plugin : registry.providing(KTL_CHECK_ID)) {
    Result<json::value> result = plugin->invoke(verbs::kCheck, builder, context);
    if (!result.ok()) {
      probes.push_back(probe_of("plugin." + plugin->id() + ".check", result.status(), ""));
      continue;
    }
    const json::value* list = field_of(*result, "probes");
    const json::array* rows = list == nullptr ? nullptr : list->if_array();
    for (size_t i = 0; rows != nullptr && i < rows->size() && i < 1000; ++i) {
      const json::value& row = (*rows)[i];
      auto text = [&](std::string_view key) { return one_line(text_of(row, key)); };
      probes.push_back({text("id"), text("status"), text("evidence"), text("fix")});
    }
  }
}

// Whether the store's folder can be made and written, by opening it and putting a file there.
Probe store_probe(const Result<std::shared_ptr<Host>>& host) {
  if (!host.ok()) {
    return probe_of("store", host.status(), "");
  }
  const ContentService& store = *(*host)->content;
  return probe_of("store", store.create().status(), store.folder() + " is writable");
}

// The builder that a build would use.
Result<json::object> builder_of(const Settings& settings, const Ground& ground) {
  KTL_ASSIGN(FlagSet flags, build_flags(ground.registry));
  KTL_ASSIGN(Layers layers, layers_of(flags, {.user = ground.user, .project = ground.project}));
  const Settings& from = settings.contains("builder") ? settings : layers.below;
  auto found = from.find("builder");
  const std::string builder =
      found == from.end() ? "auto" : fmt::format("{}", fmt::join(found->second.words, "\n"));
  KTL_ASSIGN(json::object document, builder_document(builder, builders_of(ground)));
  document["builder"] = builder;
  return document;
}

struct Findings {
  std::vector<Probe> probes;
  std::vector<RegistryRow> registries;
};

Findings probe_all(const Invocation& invocation, const Settings& settings) {
  Interrupts interrupts(invocation.console);
  Findings findings;
  std::vector<Probe>& probes = findings.probes;
  probes.push_back(version_probe());
  auto host = make_host(print_messages(invocation.console), {}, nullptr);
  probes.push_back(store_probe(host));
  Result<Ground> ground = find_ground(invocation, settings);
  if (!ground.ok()) {
    probes.push_back(probe_of("plugins", ground.status(), ""));
    return findings;
  }
  findings.registries = registry_rows(registries_of(*ground), invocation.environment);
  PluginRegistry& registry = ground->registry;
  manifest_probes(registry, probes);
  if (!host.ok()) {
    probes.push_back({"plugins.load", "SKIP", "there is no store to give them", ""});
    return findings;
  }
  CallContext context{.deadline_ns = system_clock().monotonic_ns() + kProbeNs,
                      .cancel = &interrupts.token()};
  load_all(registry, *host, context, probes);
  Result<json::object> builder = builder_of(settings, *ground);
  if (!builder.ok()) {
    probes.push_back(probe_of("project", builder.status(), ""));
    return findings;
  }
  plugin_probes(registry, *builder, context, probes);
  return findings;
}

std::string shown(const Findings& findings, bool as_json) {
  json::array list;
  std::string lines;
  for (const Probe& probe : findings.probes) {
    list.push_back(json::object{{"id", probe.id},
                                {"status", probe.status},
                                {"evidence", probe.evidence},
                                {"fix", probe.fix}});
    lines += fmt::format("{} {}: {}\n", probe.status, one_line(probe.id), one_line(probe.evidence));
    if (!probe.fix.empty() && probe.status != "PASS") {
      lines += "     fix: " + one_line(probe.fix) + "\n";
    }
  }
  if (as_json) {
    return pretty_json({{"probes", list}, {"registries", to_json(findings.registries)}});
  }
  return findings.registries.empty() ? lines : lines + "\n" + to_text(findings.registries);
}

// 6 when only the builder is at fault, 1 for anything else that fails.
int exit_of(const std::vector<Probe>& probes) {
  int exit = 0;
  for (const Probe& probe : probes) {
    if (probe.status == "FAIL") {
      int own = probe.id.starts_with("builder") ? kExitBuilder : kExitBuild;
      exit = exit == 0 || own == kExitBuild ? own : exit;
    }
  }
  return exit;
}

}  // namespace

int run_doctor(const Invocation& invocation) {
  FlagSet flags(doctor_options());
  Result<Parsed> parsed = parse_flags(flags, invocation.args);
  Result<Settings> settings = parsed.ok() ? gather(flags, *parsed, invocation.environment, {})
                                          : Result<Settings>(parsed.status());
  if (!settings.ok()) {
    return fail(invocation.console, settings.status());
  }
  if (!parsed->words.empty()) {
    return fail(invocation.console, Status(Code::kInvalidArgument, "ktl doctor takes no operand"));
  }
  const Findings findings = probe_all(invocation, *settings);
  invocation.console.out(shown(findings, flag_of(*settings, "json")));
  return exit_of(findings.probes);
}

}  // namespace ktl::cli
