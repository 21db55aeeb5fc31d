// An ignore file whose first line is a path to match: no crash, and a walk that skips folders by
// may_change_below() loses nothing.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dockerfile/glob.h"
#include "dockerfile/patterns.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ktl::dockerfile;
  const std::string_view text(reinterpret_cast<const char*>(data), size < 2048 ? size : 2048);
  const std::string path = clean_path("/" + std::string(text.substr(0, text.find('\n'))));
  const auto patterns = read_ignore_file(
      text.substr(text.find('\n') == std::string_view::npos ? text.size() : text.find('\n') + 1));
  const auto matcher =
      PatternMatcher::parse(patterns.ok() ? *patterns : std::vector<std::string>());
  if (!matcher.ok() || path.size() < 2) {
    return 0;
  }
  PatternMatcher::FolderMatches folder;
  bool settled = false;
  bool matched = false;
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    PatternMatcher::FolderMatches own;
    const bool now = matcher->matches(path.substr(1, slash - 1), folder, &own);
    if (settled && now != matched) {
      std::abort();
    }
    matched = now;
    settled = settled || !matcher->may_change_below(path.substr(1, slash), now);
    folder = own;
  }
  if (settled && matcher->matches(path.substr(1), folder, nullptr) != matched) {
    std::abort();
  }
  return 0;
}
