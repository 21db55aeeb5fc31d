#include "core/plugins/registry.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/suggest.h"
#include "core/plugins/crash.h"
#include "core/plugins/load.h"
#include "core/plugins/verify.h"

namespace ktl {

// What belongs to an entry and is nobody else's business.
struct PluginRegistry::Candidate {
  PluginFile file;                           // with fd, until it is loaded
  const ktl_plugin_draft* linked = nullptr;  // instead of a file
  PluginWish wish;
};

namespace {

Status twice(const std::string& what, const std::string& one, const std::string& other) {
  return Status(Code::kInvalidArgument, what + " is in both " + one + " and " + other)
      .advise("switch one of them off in ktl.yaml: plugins: [{id: ..., enabled: false}]");
}

std::string place(const PluginEntry& entry) {
  return entry.path.empty() ? entry.manifest.id : entry.path;
}

bool wanted(const Manifest& manifest, const std::vector<std::string>& interfaces) {
  return interfaces.empty() || std::ranges::any_of(interfaces, [&](const std::string& id) {
           return std::ranges::find(manifest.interfaces, id) != manifest.interfaces.end();
         });
}

// The user has a reason not to have its code in this process.
Status check_runs_here(const PluginEntry& entry) {
  return runs_here(entry)
             ? Status()
             : Status(Code::kInternal, "plugin " + entry.manifest.id +
                                           " is to run in a process of its own, not in this one");
}

// In a process of its own a plugin has the bridge and nothing else: no descriptor of the builder,
// no credential, no key.
Status check_isolation(const Manifest& manifest, const PluginWish& wish) {
  constexpr std::array<std::string_view, 6> kMay = {KTL_PREPARE_ID, KTL_SCAN_ID,   KTL_POLICY_ID,
                                                    KTL_ATTEST_ID,  KTL_EVENTS_ID, KTL_COMMAND_ID};
  for (const auto& id : manifest.interfaces) {
    if (wish.isolate && std::ranges::find(kMay, id) == kMay.end()) {
      return Status(Code::kInvalidArgument,
                    "isolate: " + manifest.id + " provides " + id + ", which cannot be isolated")
          .at(wish.origin)
          .advise("take isolate away; prepare, scan, policy, attest, events and command can be");
    }
  }
  return {};
}

void take_flags(const Manifest& manifest, const json::object& options, json::object& config) {
  const json::value* own = field_of(options, manifest.id);
  for (const PluginFlag& flag : manifest.flags) {
    const json::value* value = own == nullptr ? nullptr : field_of(*own, flag.name);
    if (value != nullptr && !flag.config.empty()) {
      config[flag.config] = *value;
    }
  }
}

void take_companion(const OnDemand& demand, const std::filesystem::path& dockerfile,
                    json::object& config) {
  const std::filesystem::path file = dockerfile.native() + demand.companion;
  std::error_code failed;
  if (!demand.companion.empty() && !dockerfile.empty() &&
      std::filesystem::exists(std::filesystem::symlink_status(file, failed))) {
    config[demand.companion_key] = file.native();
  }
}

bool is_something(const json::value* value) {
  return value != nullptr && !value->is_null() &&
         !(value->is_array() && value->get_array().empty()) &&
         !(value->is_string() && value->get_string().empty());
}

bool needed(const OnDemand& demand, const json::object& config) {
  return demand.keys.empty() || is_something(field_of(config, demand.companion_key)) ||
         std::ranges::any_of(demand.keys, [&](const std::string& key) {
           return is_something(field_of(config, key));
         });
}

}  // namespace

PluginRegistry::PluginRegistry() = default;
PluginRegistry::PluginRegistry(PluginRegistry&&) noexcept = default;
PluginRegistry& PluginRegistry::operator=(PluginRegistry&&) noexcept = default;
PluginRegistry::~PluginRegistry() {
  for (const auto& plugin : plugins_) {
    plugin->begin_destroy();
  }
  while (!plugins_.empty()) {
    plugins_.pop_back();
  }
}

Result<PluginRegistry> PluginRegistry::discover(PluginSetup setup) {
  PluginRegistry registry;
  KTL_TRY(registry.collect(setup));
  for (const auto& wish : setup.wishes) {
    KTL_TRY(registry.apply(wish));
  }
  KTL_TRY(registry.replace());
  KTL_TRY(registry.check_unique());
  return registry;
}

Status PluginRegistry::collect(PluginSetup& setup) {
  PluginIndex index(setup.index);
  auto add = [&](PluginEntry entry, Candidate candidate) {
    entries_.push_back(std::move(entry));
    candidates_.push_back(std::move(candidate));
  };
  for (const auto& linked : setup.linked) {
    KTL_ASSIGN(Manifest manifest, parse_manifest(linked.manifest));
    Candidate candidate;
    candidate.linked = linked.entry;
    add({std::move(manifest), "", "linked", true, {}}, std::move(candidate));
  }
  auto add_file = [&](PluginFile file) {
    PluginEntry entry{file.manifest, file.path, file.origin, file.enabled, file.fault};
    Candidate candidate;
    candidate.file = std::move(file);
    add(std::move(entry), std::move(candidate));
  };
  for (const auto& folder : setup.folders) {
    KTL_ASSIGN(auto files, plugins_in(folder, index));
    std::ranges::for_each(files, [&](PluginFile& file) { add_file(std::move(file)); });
  }
  for (const auto& wish : setup.wishes) {
    bool listed =
        std::ranges::find(entries_, wish.path.native(), &PluginEntry::path) != entries_.end();
    if (!wish.path.empty() && wish.enabled && !listed) {
      add_file(plugin_at(wish.path, wish.origin, index));
    }
  }
  if (!index.warning().empty()) {
    warnings_.push_back(index.warning());
  }
  // An index that cannot be kept (a read-only home) costs time at the next start and nothing else.
  [[maybe_unused]] Status kept = index.save();
  return {};
}

Status PluginRegistry::apply(const PluginWish& wish) {
  bool found = false;
  std::vector<std::string> ids;
  for (size_t i = 0; i < entries_.size(); ++i) {
    auto& entry = entries_[i];
    ids.push_back(entry.manifest.id);
    if (!wish.path.empty() && wish.path == entry.path) {
      KTL_TRY(Status(entry.fault));
      if (entry.manifest.id != wish.id) {
        return Status(Code::kInvalidArgument,
                      entry.path + " is plugin " + entry.manifest.id + ", not " + wish.id)
            .at(wish.origin);
      }
    } else if (entry.manifest.id != wish.id) {
      continue;
    }
    // A file that was named replaces one of the same id that was merely found.
    entry.used = wish.enabled && (wish.path.empty() || wish.path == entry.path);
    KTL_TRY(check_isolation(entry.manifest, wish));
    entry.isolate = wish.isolate && candidates_[i].linked == nullptr;
    candidates_[i].wish = wish;
    found = true;
  }
  return found ? Status() : unknown(wish, ids);
}

// A file that was refused may be the one that was meant, so its reason is said too.
Status PluginRegistry::unknown(const PluginWish& wish, const std::vector<std::string>& ids) const {
  std::string message = "no plugin has the id " + wish.id;
  for (const auto& entry : entries_) {
    if (!entry.fault.ok()) {
      message += "; " + entry.path + " was refused: " + entry.fault.message();
    }
  }
  return Status(Code::kNotFound, message).at(wish.origin).advise(did_you_mean(wish.id, ids));
}

// A plugin that says it does another's work switches that one off. Whoever names both wants one of
// them to be something else.
Status PluginRegistry::replace() {
  std::map<std::string, size_t> replaced;  // id -> who does it
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto& entry = entries_[i];
    const std::string& other = candidates_[i].wish.replaces.empty() ? entry.manifest.replaces
                                                                    : candidates_[i].wish.replaces;
    if (!entry.used || !entry.fault.ok() || other.empty()) {
      continue;
    }
    if (auto [at, fresh] = replaced.emplace(other, i); !fresh) {
      return Status(Code::kInvalidArgument, other + " is replaced by both " +
                                                place(entries_[at->second]) + " and " +
                                                place(entry))
          .advise("use one of them");
    }
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    auto by = replaced.find(entries_[i].manifest.id);
    if (by == replaced.end() || !entries_[i].used) {
      continue;
    }
    const std::string& other = entries_[by->second].manifest.id;
    if (!candidates_[i].wish.id.empty()) {
      return Status(Code::kInvalidArgument,
                    by->first + " is named here, and " + other + ", which is used too, replaces it")
          .at(candidates_[i].wish.origin)
          .advise("name one of them");
    }
    entries_[i].used = false;
    entries_[i].replaced_by = other;
  }
  return {};
}

Status PluginRegistry::check_unique() const {
  std::map<std::string, std::string> ids;
  std::map<std::string, std::string> flags;
  for (const auto& entry : entries_) {
    if (!entry.used || !entry.fault.ok()) {
      continue;
    }
    if (auto [at, fresh] = ids.emplace(entry.manifest.id, place(entry)); !fresh) {
      return twice("plugin " + entry.manifest.id, at->second, place(entry));
    }
    for (const auto& flag : entry.manifest.flags) {
      std::vector<std::string> names = flag.aliases;
      names.push_back(flag.name);
      for (const auto& name : names) {
        if (auto [at, fresh] = flags.emplace(name, entry.manifest.id); !fresh) {
          return twice("the flag --" + name, at->second, entry.manifest.id);
        }
      }
    }
  }
  return {};
}

void PluginRegistry::configure(const json::object& options,
                               const std::filesystem::path& dockerfile) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Manifest& manifest = entries_[i].manifest;
    json::value& config = candidates_[i].wish.config;
    if (entries_[i].used && config.is_object()) {
      take_flags(manifest, options, config.get_object());
      take_companion(manifest.on_demand, dockerfile, config.get_object());
      entries_[i].used = needed(manifest.on_demand, config.get_object());
    }
  }
}

std::vector<const Manifest*> PluginRegistry::used() const {
  std::vector<const Manifest*> manifests;
  for (const auto& entry : entries_) {
    if (entry.used && entry.fault.ok()) {
      manifests.push_back(&entry.manifest);
    }
  }
  return manifests;
}

Result<PluginCode> PluginRegistry::code_of(size_t index) {
  auto& candidate = candidates_[index];
  if (candidate.linked != nullptr) {
    PluginCode code{entries_[index].manifest, candidate.linked, "", ""};
    KTL_TRY(check_abi(code.manifest));
    KTL_TRY(check_entry(code));
    return code;
  }
  return load_plugin(std::move(candidate.file), {candidate.wish.sha256, candidate.wish.origin});
}

Status PluginRegistry::start(const std::shared_ptr<const Host>& host, const CallContext& context,
                             const std::vector<std::string>& interfaces) {
  return start_those(host, context,
                     [&](const PluginEntry& entry) { return wanted(entry.manifest, interfaces); });
}

Status PluginRegistry::start_those(const std::shared_ptr<const Host>& host,
                                   const CallContext& context, const Pick& pick) {
  blame_crashes();
  std::vector<std::unique_ptr<Plugin>> begun;  // each is created while the next one is loaded
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto& entry = entries_[i];
    if (!entry.used || find(entry.manifest.id) != nullptr) {
      continue;
    }
    KTL_TRY(Status(entry.fault));
    if (!pick(entry)) {
      continue;
    }
    KTL_TRY(check_runs_here(entry));
    KTL_ASSIGN(PluginCode code, code_of(i));
    auto plugin = std::make_unique<Plugin>(std::move(code), host);
    const auto& wish = candidates_[i].wish;
    KTL_TRY(plugin->begin_create(wish.config, context.deadline_ns, wish.locate));
    begun.push_back(std::move(plugin));
  }
  for (auto& plugin : begun) {
    KTL_TRY(plugin->end_create(context));
    plugins_.push_back(std::move(plugin));
  }
  return {};
}

Result<PluginOrder> PluginRegistry::order_of(size_t index) {
  auto& candidate = candidates_[index];
  const auto& wish = candidate.wish;
  PluginOrder order;
  order.manifest = entries_[index].manifest;
  order.path = entries_[index].path;
  KTL_ASSIGN(order.sha256, plugin_sha256(candidate.file));
  order.fd = std::move(candidate.file.fd);
  KTL_TRY(verify_pin(order.sha256, wish.sha256, order.path, wish.origin));
  KTL_ASSIGN(order.config, complete_config(order.manifest, wish.config, wish.locate));
  return order;
}

Result<std::vector<PluginOrder>> PluginRegistry::order_those(const Pick& pick) {
  std::vector<PluginOrder> orders;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto& entry = entries_[i];
    if (!entry.used || !candidates_[i].file.fd.valid()) {
      continue;
    }
    KTL_TRY(Status(entry.fault));
    if (pick(entry)) {
      KTL_ASSIGN(PluginOrder order, order_of(i));
      orders.push_back(std::move(order));
    }
  }
  return orders;
}

std::vector<Plugin*> PluginRegistry::started() const {
  std::vector<Plugin*> found;
  for (const auto& plugin : plugins_) {
    found.push_back(plugin.get());
  }
  std::ranges::sort(found, {}, &Plugin::id);
  return found;
}

std::vector<Plugin*> PluginRegistry::providing(std::string_view interface_id) const {
  std::vector<Plugin*> found = started();
  std::erase_if(found, [&](const Plugin* plugin) { return !plugin->provides(interface_id); });
  return found;
}

Plugin* PluginRegistry::find(std::string_view id) const {
  auto found = std::ranges::find_if(plugins_, [&](const auto& p) { return p->id() == id; });
  return found == plugins_.end() ? nullptr : found->get();
}

}  // namespace ktl
