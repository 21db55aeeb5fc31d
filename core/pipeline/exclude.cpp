#include "core/pipeline/exclude.h"

#include <algorithm>

namespace ktl {

namespace fs = std::filesystem;

std::optional<std::string> path_in_context(const fs::path& context, const fs::path& file) {
  if (file.empty()) {
    return std::nullopt;
  }
  fs::path relative = file.lexically_normal().lexically_relative(context.lexically_normal());
  if (relative.empty() || relative == "." || *relative.begin() == "..") {
    return std::nullopt;
  }
  return relative.string();
}

Status add_exclude(std::vector<std::string>& list, const std::string& path) {
  fs::path normal = fs::path(path).lexically_normal();
  bool control = std::ranges::any_of(path, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (path.empty() || control || normal.is_absolute() || normal == "." || *normal.begin() == "..") {
    return {Code::kInvalidArgument, "\"" + path + "\" is not a path inside the context"};
  }
  std::string text = normal.string();
  auto place = std::ranges::lower_bound(list, text);
  if (place == list.end() || *place != text) {
    list.insert(place, std::move(text));
  }
  return {};
}

}  // namespace ktl
