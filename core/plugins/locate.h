// Where plugins are looked for, and what is there. Nothing is loaded here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/status.h"
#include "core/plugins/index.h"
#include "core/plugins/manifest.h"

namespace ktl {

// A folder that somebody named. Plugins of a folder with `enabled` are used unless they are
// switched off, those of the others only when they are asked for by id.
struct PluginFolder {
  std::filesystem::path path;  // absolute
  std::string origin;          // "default", "flag", "ktl.yaml:3:5"
  bool enabled = false;
  bool may_be_missing = false;
};

// A file in one of the folders. `fd` stays open from the first look to the loading, so that what
// was checked is what is loaded. `fault` says why it cannot be used; manifest is then empty or only
// good for showing.
struct PluginFile {
  std::string path;
  std::string origin;
  bool enabled = false;
  UniqueFd fd;
  Manifest manifest;
  std::string sha256;  // as the index knows it; empty: not known
  Status fault;
};

// <folder of the program>/../lib/ktl/plugins: enabled, and may be missing. kNotFound when /proc
// says no program.
Result<PluginFolder> default_plugin_folder();

// Every *.so of `folder`, by name, at most 256: opened beneath it, owner and mode checked, manifest
// read unless `index` has it. A missing folder is empty if it may be missing, else kNotFound; one
// that others may write to is kPermissionDenied.
Result<std::vector<PluginFile>> plugins_in(const PluginFolder& folder, PluginIndex& index);

// One file that was named itself, and its folder, checked likewise; faults are in the result.
PluginFile plugin_at(const std::filesystem::path& file, const std::string& origin,
                     PluginIndex& index);

}  // namespace ktl
