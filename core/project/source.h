// A project file as it was read: its values, and where each of them stands.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "yaml/yaml.h"

namespace ktl {

// Cheap to copy: what it holds is shared and not changed any more.
struct ProjectSource {
  std::filesystem::path file;                // absolute
  std::shared_ptr<const YamlDocument> yaml;  // after --set
  // Values that --set put there, by JSON pointer: "flag --set api.pull".
  std::map<std::string, std::string, std::less<>> overridden;

  // Where the value at `pointer`, or the nearest around it, came from: "/abs/ktl.yaml:3:5".
  [[nodiscard]] std::string place(std::string_view pointer) const;
  [[nodiscard]] bool is_overridden(std::string_view pointer) const;

  // `path` from the file's folder, without "." and "..".
  [[nodiscard]] std::string absolute(std::string_view path) const;

  // kInvalidArgument about the value at `pointer`.
  [[nodiscard]] Status fault(std::string_view pointer, const std::string& message) const;

  // Whether `path`, named at `pointer`, is a regular file that can be read.
  [[nodiscard]] Status check_file(std::string_view pointer, const std::string& path) const;
};

// Whether a context is an address ("https://...", "git@...") and no folder.
bool is_address(std::string_view context);

}  // namespace ktl
