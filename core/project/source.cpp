#include "core/project/source.h"

#include <unistd.h>

namespace ktl {
namespace {

bool is_at_or_below(std::string_view pointer, std::string_view root) {
  return pointer == root || (pointer.starts_with(root) && pointer[root.size()] == '/');
}

}  // namespace

std::string ProjectSource::place(std::string_view pointer) const {
  for (const auto& [root, origin] : overridden) {
    if (is_at_or_below(pointer, root)) {
      return origin;
    }
  }
  return yaml->locate(file.native(), pointer);
}

bool ProjectSource::is_overridden(std::string_view pointer) const {
  for (const auto& [root, origin] : overridden) {
    if (is_at_or_below(pointer, root)) {
      return true;
    }
  }
  return false;
}

std::string ProjectSource::absolute(std::string_view path) const {
  auto made = (file.parent_path() / path).lexically_normal();
  return made.has_filename() || !made.has_relative_path() ? made.native()
                                                          : made.parent_path().native();
}

Status ProjectSource::fault(std::string_view pointer, const std::string& message) const {
  return Status(Code::kInvalidArgument, message).at(place(pointer));
}

Status ProjectSource::check_file(std::string_view pointer, const std::string& path) const {
  std::error_code ignored;  // what cannot be looked at is no file
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return fault(pointer, "there is no file " + path);
  }
  return ::access(path.c_str(), R_OK) == 0 ? Status() : fault(pointer, path + " may not be read");
}

bool is_address(std::string_view context) {
  return context.find("://") != std::string_view::npos || context.starts_with("git@");
}

}  // namespace ktl
