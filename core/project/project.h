// ktl.yaml: what a project says about its builds and what they use; and a user's config.yaml, the
// same document without targets.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "core/plugins/registry.h"
#include "core/project/overrides.h"
#include "core/project/profiles.h"
#include "core/project/reach.h"
#include "core/project/settings.h"
#include "core/project/targets.h"

namespace ktl {

struct Project {
  std::filesystem::path file;  // absolute
  bool trusted = false;
  ProjectSettings defaults;  // of `defaults:` and `builder:`
  ProjectSettings build;     // of `build:`
  std::vector<Target> targets;
  std::vector<std::string> default_targets;  // every target unless the file says otherwise
  std::vector<Profile> profiles;
  std::vector<PluginWish> plugins;  // paths absolute
  std::vector<PluginFolder> plugin_dirs;
  std::vector<RegistryRule> registries;
  std::vector<BuilderRule> builders;
};

// What is done with the text of a project file besides reading it.
struct ProjectReading {
  std::filesystem::path file;  // absolute
  // Not ok: the file is not trusted, and this says why and what to do; see check_untrusted.
  Status untrusted;
  std::vector<Override> overrides;  // --set
};

// kInvalidArgument names FILE:LINE:COL of what is no YAML of ours, not in the schema, or refused.
Result<Project> parse_project(std::string_view text, const ProjectReading& reading);

// The text of a user's config.yaml: trusted, and without `build:` and targets.
Result<Project> parse_user_config(std::string_view text, const std::filesystem::path& file);

// Where to look, all absolute.
struct ProjectQuery {
  std::optional<std::filesystem::path> named;  // --project
  std::filesystem::path directory;             // the working directory
  std::filesystem::path trust_records;         // see trust.h; empty: nothing is trusted
  std::vector<Override> overrides;             // --set
};

// The project file that was named, else the first ktl.yaml from `directory` upward, else nothing.
//
// One that was named is trusted. One that was merely found must be a regular file of the user's or
// root's that nobody else can write to, and no symlink; it is trusted when its content is on
// record, and otherwise may only set inputs and stricter rules: neither its place nor the context
// that it names make it believable.
// kInvalidArgument and kPermissionDenied (both usage errors) say where; kNotFound: the named file
// is missing.
Result<std::optional<Project>> load_project(const ProjectQuery& query);

// The user's config.yaml, if there is one; its owner and mode are checked.
Result<std::optional<Project>> load_user_config(const std::filesystem::path& file);

// The content of a project file that may be trusted: a regular file, no symlink, owner and mode as
// above. For `ktl config trust`.
Result<std::string> read_trustable(const std::filesystem::path& file);

}  // namespace ktl
