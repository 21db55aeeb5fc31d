#include "jail/path.h"

namespace ktl::jail {

std::string tidy_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view piece = path.substr(0, slash);
    if (!piece.empty() && piece != ".") {
      out += "/" + std::string(piece);
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return out.empty() ? "/" : out;
}

bool is_plain_path(std::string_view path) {
  return path.starts_with('/') && tidy_path(path) == path &&
         (std::string(path) + '/').find("/../") == std::string::npos;
}

bool is_within(std::string_view path, std::string_view folder) {
  return folder == "/" || path == folder ||
         (path.starts_with(folder) && path[folder.size()] == '/');
}

std::string_view below(std::string_view path, std::string_view folder) {
  path.remove_prefix(folder == "/" ? 1 : folder.size());
  return path.starts_with('/') ? path.substr(1) : path;
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string out(folder);
  if (!name.empty() && !out.ends_with('/')) {
    out += '/';
  }
  return out + std::string(name);
}

}  // namespace ktl::jail
