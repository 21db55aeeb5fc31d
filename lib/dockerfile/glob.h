// Wildcards in one file name, and paths without `.` and `..`, as Go's path/filepath has them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/char_set.h"

namespace ktl::dockerfile {

// The shortest path that names the same by its text alone: Go's filepath.Clean. "" becomes ".".
std::string clean_path(std::string_view path);

// A pattern of Go's filepath.Match: `*`, `?`, `[a-z]`, `[^a]` and `\` before a character that
// means itself. Immutable: any thread.
class Glob {
 public:
  // kInvalidArgument for what filepath.Match calls a syntax error.
  static Result<Glob> parse(std::string_view pattern);

  // Whether the whole name matches; `*`, `?` match no "/". At most |name| * |pattern| steps.
  [[nodiscard]] bool matches(std::string_view name) const;

 private:
  struct Token {
    bool star = false;
    CharSet set = {};
  };
  std::vector<Token> tokens_;
};

}  // namespace ktl::dockerfile
