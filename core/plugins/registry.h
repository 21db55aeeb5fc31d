// Which plugins there are, which of them are used, and the instances that run.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/plugins/locate.h"
#include "core/plugins/plugin.h"

namespace ktl {

// What a user said about one plugin: an entry of `plugins:` in ktl.yaml, or --plugin ID.
struct PluginWish {
  std::string id;
  std::filesystem::path path;  // this very file; empty: search the folders
  std::string sha256;          // 64 hex digits; empty: not pinned
  json::value config = json::object();
  bool enabled = true;   // false: switch off what would be used by default
  bool isolate = false;  // run it in a process of its own
  std::string replaces;  // id of the plugin it stands in for; empty: as its manifest says
  std::string origin;    // "ktl.yaml:4:5", "flag"
  Locator locate;        // of a JSON pointer into config
};

// A plugin that is compiled into the program: tests use it.
struct LinkedPlugin {
  const ktl_plugin_draft* entry = nullptr;
  std::string manifest;  // JSON text
};

struct PluginSetup {
  std::vector<PluginFolder> folders;
  std::vector<PluginWish> wishes;
  std::vector<LinkedPlugin> linked;
  std::filesystem::path index;  // where the PluginIndex is kept; empty: nowhere
};

// One line of `ktl plugin list`. `used`: start() will load it. A file with a fault in a folder that
// is used by default makes start() fail: what cannot be looked at may be a gate that is missing.
struct PluginEntry {
  Manifest manifest;
  std::string path;
  std::string origin;
  bool used = false;
  Status fault;
  std::string replaced_by;  // id of the plugin in use that says so; empty: none
  bool isolate = false;     // to be run in a process of its own, by order_those(): start() refuses
};

// Nobody runs a plugin here that is to be run elsewhere.
inline bool runs_here(const PluginEntry& entry) { return !entry.isolate; }

// What it takes to run one plugin, checked: start() does it here, another process can do it too.
struct PluginOrder {
  Manifest manifest;
  std::string path;
  std::string sha256;  // of the very file behind fd
  UniqueFd fd;
  std::string config;  // JSON text, judged and completed
};

// discover() looks, start() loads and creates. Thread rule: one thread until start() has returned,
// then any; the plugins end with the registry, in reverse order of creation.
class PluginRegistry {
 public:
  // Reads manifests; loads nothing. Fails when a folder cannot be trusted or read, when a wish
  // names an id that is nowhere (with a suggestion) or a file with another id, when it isolates a
  // plugin that cannot be, and when two plugins in use have one id or one flag, or replace one
  // other (naming both). Faults of single files are in entries().
  static Result<PluginRegistry> discover(PluginSetup setup);
  PluginRegistry(PluginRegistry&&) noexcept;
  PluginRegistry& operator=(PluginRegistry&&) noexcept;
  ~PluginRegistry();

  [[nodiscard]] const std::vector<PluginEntry>& entries() const { return entries_; }
  // What the user should hear although it stops nothing, a sentence each.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  // Manifests of the plugins in use: their flags and commands belong to this ktl.
  [[nodiscard]] std::vector<const Manifest*> used() const;

  // What one build says to plugins: the values of their flags (`options`, by id) become keys of
  // their configurations, and those on demand that it does not need are no longer used.
  // `dockerfile`: absolute, empty when only the builder reads it.
  void configure(const json::object& options, const std::filesystem::path& dockerfile);

  // Loads and creates every plugin in use, or only those that provide one of `interfaces` when
  // that is not empty. The first failure stops; what was started stays usable until the end.
  Status start(const std::shared_ptr<const Host>& host, const CallContext& context,
               const std::vector<std::string>& interfaces = {});
  // The same for those in use that `pick` takes.
  using Pick = std::function<bool(const PluginEntry&)>;
  Status start_those(const std::shared_ptr<const Host>& host, const CallContext& context,
                     const Pick& pick);
  // Hands out those in use that `pick` takes, each once, for somebody else to run.
  Result<std::vector<PluginOrder>> order_those(const Pick& pick);

  // Started plugins by interface, in order of their ids; by id, nullptr when not started.
  [[nodiscard]] std::vector<Plugin*> providing(std::string_view interface_id) const;
  [[nodiscard]] Plugin* find(std::string_view id) const;
  [[nodiscard]] std::vector<Plugin*> started() const;

 private:
  struct Candidate;
  PluginRegistry();
  Status collect(PluginSetup& setup);
  Status apply(const PluginWish& wish);
  [[nodiscard]] Status unknown(const PluginWish& wish, const std::vector<std::string>& ids) const;
  Status replace();
  Status check_unique() const;
  Result<PluginCode> code_of(size_t index);
  Result<PluginOrder> order_of(size_t index);

  std::vector<std::string> warnings_;
  std::vector<PluginEntry> entries_;
  std::vector<Candidate> candidates_;  // same order as entries_
  std::vector<std::unique_ptr<Plugin>> plugins_;
};

}  // namespace ktl
