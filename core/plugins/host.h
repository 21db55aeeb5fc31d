// What the host gives every plugin: the event stream and the services of ktl/iface/host.h.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "core/plugins/services/services.h"

namespace ktl {

// Publishes one event; never blocks, callable from any thread.
using Publish = std::function<void(std::string type, json::object body)>;

// $XDG_STATE_HOME/ktl and its like: the plugins' own folders are made below these on demand.
struct PluginFolders {
  std::filesystem::path state;
  std::filesystem::path cache;
  std::filesystem::path runtime;
};

// Reads the XDG variables, HOME and the user's entry in passwd. kFailedPrecondition when there is
// no home folder at all.
Result<PluginFolders> default_plugin_folders();

// mkdir -p with mode 0700 for what is new. kFailedPrecondition: something else is in its place.
Status make_private_folder(const std::filesystem::path& folder);

class Checking;

// Takes a value that no event may show from now on. kInvalidArgument: empty, or too long.
using Redact = std::function<Status(std::string_view value)>;

// Immutable once plugins run; shared with every call, since a plugin that does not stop may still
// look at it after its build is over. A service that is null is not offered (ktl_host.get says
// NULL) except for folders, which are always there.
struct Host {
  Publish publish;  // may be empty: events go nowhere
  PluginFolders folders;
  std::shared_ptr<const ContentService> content;
  std::shared_ptr<const AuthService> auth;
  std::shared_ptr<const SecretService> secrets;
  std::shared_ptr<const FileService> files;
  std::shared_ptr<const PolicyService> policy;
  std::shared_ptr<const BuilderService> builders;
  std::shared_ptr<TerminalService> terminal;
  Redact redact;
  std::shared_ptr<Checking> checking;  // null: only what costs nothing is watched
};

}  // namespace ktl
