// What this run of the program offers its plugins.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/plugins/host.h"
#include "redact/values.h"

namespace ktl::cli {

// ktl's own image store: <state folder>/store.
std::filesystem::path store_folder(const PluginFolders& folders);

// Opens the store and reads registry credentials: those of `authfile` when it is not empty, else
// docker's own. `secrets` and `publish` as in Host; `sink` is told every password and
// token. Fails when one of them cannot be used.
Result<std::shared_ptr<const Host>> make_host(Publish publish, const std::string& authfile,
                                              std::shared_ptr<const SecretService> secrets,
                                              redact::Register sink = {});

}  // namespace ktl::cli
