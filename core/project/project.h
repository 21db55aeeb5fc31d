// ktl.yaml: what a project says about its builds and the plugins they use.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "core/plugins/registry.h"

namespace ktl {

// One value of `build:` or `builder:` in the words of the flag that it stands for.
struct ProjectSetting {
  std::string option;              // the flag's name: "build-arg"
  std::vector<std::string> words;  // as given to the flag: "KEY=VALUE"; a switch: "true" or "false"
  std::string origin;              // "/abs/ktl.yaml:3:5"
};

struct Project {
  std::filesystem::path file;  // absolute
  bool trusted = false;
  std::vector<ProjectSetting> settings;
  std::vector<PluginWish> plugins;  // paths absolute
  std::vector<PluginFolder> plugin_dirs;
};

// Where to look, all absolute. `named` is --project; `context` may be empty (no build).
struct ProjectQuery {
  std::optional<std::filesystem::path> named;
  std::filesystem::path directory;  // the working directory
  std::filesystem::path context;
};

// The project file that was named, else the first ktl.yaml from `directory` upward, else nothing.
//
// One that was merely found is believed only if it is the user's or root's and nobody else can
// write to it; one inside the context may set inputs, but `plugins`, `plugin-dirs` and `builder`
// there, and a `file` outside its folder, are refused: the context is not trusted.
// kInvalidArgument and kPermissionDenied (both usage errors) name FILE:LINE:COL; kNotFound: the
// named file is missing.
Result<std::optional<Project>> load_project(const ProjectQuery& query);

// The text of one project file, as load_project reads it. `trusted` as above.
Result<Project> parse_project(std::string_view text, const std::filesystem::path& file,
                              bool trusted);

}  // namespace ktl
