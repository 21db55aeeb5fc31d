// Which files of a folder are sent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/patterns.h"

namespace ktl::filesync {

// Include and exclude patterns together, with fsutil's rules (fsutil/filter.go). Immutable.
class Filter {
 public:
  // What was found for a folder, for judging what it holds; empty for the root.
  struct Folder {
    dockerfile::PatternMatcher::FolderMatches include;
    dockerfile::PatternMatcher::FolderMatches exclude;
  };
  struct Verdict {
    bool send;
    bool enter;  // of a folder: whether something in it may have to be sent
  };

  // An empty `include`: everything; one of nothing but blanks: nothing. `excluded` are paths and
  // not patterns. The status of a bad pattern says which list it is in.
  static Result<Filter> make(const std::vector<std::string>& include,
                             const std::vector<std::string>& exclude,
                             std::vector<std::string> excluded);

  // `own` takes what was found for a folder; null for everything else.
  [[nodiscard]] Verdict judge(std::string_view path, const Folder& parent, Folder* own) const;

 private:
  bool takes_all_ = false;
  dockerfile::PatternMatcher include_;
  dockerfile::PatternMatcher exclude_;
  std::vector<std::string> excluded_;
};

}  // namespace ktl::filesync
