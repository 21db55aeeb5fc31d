#include "filesync/filter.h"

#include <algorithm>
#include <utility>

namespace ktl::filesync {

Result<Filter> Filter::make(const std::vector<std::string>& include,
                            const std::vector<std::string>& exclude,
                            std::vector<std::string> excluded) {
  Filter filter;
  auto included = dockerfile::PatternMatcher::parse(include);
  if (!included.ok()) {
    return std::move(included).status().in("include patterns");
  }
  auto ignored = dockerfile::PatternMatcher::parse(exclude);
  if (!ignored.ok()) {
    return std::move(ignored).status().in(".dockerignore");
  }
  filter.takes_all_ = include.empty();
  filter.include_ = *std::move(included);
  filter.exclude_ = *std::move(ignored);
  filter.excluded_ = std::move(excluded);
  return filter;
}

Filter::Verdict Filter::judge(std::string_view path, const Folder& parent, Folder* own) const {
  Verdict verdict = {true, own != nullptr};
  if (std::ranges::find(excluded_, path) != excluded_.end()) {
    return {false, false};
  }
  const std::string below = own != nullptr ? std::string(path) + "/" : "";
  if (!takes_all_ &&
      !include_.matches(path, parent.include, own != nullptr ? &own->include : nullptr)) {
    verdict = {false, own != nullptr && include_.may_change_below(below, false)};
    if (!verdict.enter) {
      return verdict;
    }
  }
  if (exclude_.matches(path, parent.exclude, own != nullptr ? &own->exclude : nullptr)) {
    verdict = {false, own != nullptr && exclude_.may_change_below(below, true)};
  }
  return verdict;
}

}  // namespace ktl::filesync
