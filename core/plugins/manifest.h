// What a plugin says about itself before anything of it runs: docs/schema/manifest-1.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace ktl {

// A flag that a plugin adds to `ktl build`. Its value arrives at the plugin in the request and the
// plan under options.<plugin id>.<name>.
struct PluginFlag {
  enum class Value { kNone, kOptional, kRequired };
  // kPath: a text, made absolute; kPlaces: a list of those and of URLs
  enum class Type { kBool, kText, kInt, kPath, kPlaces };

  std::string name;  // without dashes before it
  std::vector<std::string> aliases;
  Value value = Value::kNone;
  Type type = Type::kBool;
  json::value fallback;             // "default" of the manifest; null when it has none
  std::string implicit;             // kOptional: what the flag means without a value
  std::vector<std::string> values;  // the only ones allowed; empty: any
  std::string group;
  std::string help;
  std::string config;  // key of the configuration that it sets; empty: none
};

// When a build needs the plugin at all.
struct OnDemand {
  std::vector<std::string> keys;  // of its configuration; empty: always
  std::string companion;          // ".rego": Dockerfile.rego beside Dockerfile; empty: none
  std::string companion_key;
};

struct PluginCommand {
  std::string name;
  std::string summary;
};

struct Manifest {
  std::string id;       // "ktl.export.oci"
  std::string version;  // "0.1.0"
  std::string summary;
  std::string side;                     // "keeper" or "worker"
  std::string abi;                      // sha256 of the SDK's headers it was built with
  std::vector<std::string> interfaces;  // "ktl.export/1"
  json::value config;                   // JSON Schema of its configuration
  std::vector<PluginFlag> flags;
  std::vector<PluginCommand> commands;
  std::string replaces;  // id of the plugin whose work it does instead; empty: none
  OnDemand on_demand = {};
};

// The manifest as JSON text, at most 1 MiB. kInvalidArgument names the path of what is wrong.
Result<Manifest> parse_manifest(std::string_view text);
Result<Manifest> manifest_of(const json::value& document);

// The two halves of it, for who keeps what was judged: the document as it was found to be right,
// with its defaults; and the manifest it holds, which is not judged again. kInvalidArgument from
// the second: it never was. manifest_rules() changes when judging may come out differently.
Result<json::value> judged_manifest(const json::value& written);
Result<Manifest> manifest_from_judged(const json::value& document);
std::string_view manifest_rules();

// The manifest of the shared object behind `fd` (borrowed), without loading it. kInvalidArgument:
// "not a ktl plugin: ..." and why. The abi is not judged, so that any plugin can be listed.
Result<Manifest> read_manifest(int fd);
// The same, as it stands there: JSON, and nothing more is known of it.
Result<json::value> read_manifest_document(int fd);

// The sha256 of the SDK's headers that this ktl was built with.
std::string_view host_abi();

// kFailedPrecondition with a sentence that names both sides when the plugin was built with others.
Status check_abi(const Manifest& manifest);

}  // namespace ktl
