// What this run of the program offers its plugins.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/document/request.h"
#include "core/pipeline/fence.h"
#include "core/plugins/host.h"
#include "core/plugins/manifest.h"
#include "core/plugins/services/builder_door.h"
#include "redact/values.h"

namespace ktl::cli {

// ktl's own image store: <state folder>/store.
std::filesystem::path store_folder(const PluginFolders& folders);

// Where credentials of registries come from, and how those are reached.
struct HostAuth {
  std::string authfile = {};  // empty: docker's own
  std::vector<RegistryRule> registries = {};
  int cancel_fd = -1;  // readable when nothing is to be asked any more; borrowed, -1: none
};

// One environment variable of this process; empty when unset.
std::string getenv_text(const char* name);

// The ways to builders, with the environment of this process. `own` as in BuilderDoor.
std::shared_ptr<const BuilderDoor> open_door(std::optional<std::vector<std::string>> own);

// Opens the store and reads registry credentials. `secrets` and `publish` as in Host; `sink` is
// told every password and token. Fails when one of them cannot be used.
Result<std::shared_ptr<Host>> make_host(Publish publish, const HostAuth& auth,
                                        std::shared_ptr<const SecretService> secrets,
                                        redact::Register sink = {});

// What the fence around the worker is made of: the running program, and the policies beside it
// (../share/ktl/sandbox).
FenceGround fence_ground(const Request& request, const PluginFolders& folders);

// What plugins may open and replace (ktl.host.files/1): the paths of the request, and those in
// `options` that are values of plugins' flags of type "path". `used`: the plugins in use.
std::vector<std::filesystem::path> named_by(const Request& request,
                                            const std::vector<const Manifest*>& used);

}  // namespace ktl::cli
