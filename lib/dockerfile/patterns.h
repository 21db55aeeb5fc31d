// Which files of a context belong to a build: .dockerignore and its patterns.
//
// The meaning is that of github.com/moby/patternmatcher, which BuildKit uses: a pattern matches a
// path or one of its parents, `*` and `?` stop at "/", `**` does not, `!` takes back what earlier
// patterns matched, the last one that matches decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "dockerfile/path_regexp.h"

namespace ktl::dockerfile {

// The patterns in an ignore file, cleaned: comments (# in the first column), blank lines, a BOM,
// leading slashes and white space are gone. Lines end with LF or CRLF.
// kResourceExhausted for a line over 64 KiB or a file over kMaxIgnoreFile.
Result<std::vector<std::string>> read_ignore_file(std::string_view text);
inline constexpr size_t kMaxIgnoreFile = size_t{1} << 20;

// The regular expression for a cleaned pattern with wildcards, as patternmatcher writes it.
std::string translate_pattern(std::string_view pattern);

// One line of an ignore file. Immutable: any thread.
class Pattern {
 public:
  // How a pattern is compared; everything but kRegexp costs one look at the path.
  enum class Type : uint8_t { kExact, kPrefix, kSuffix, kRegexp };

  // Without the "!". kInvalidArgument for bad syntax, kResourceExhausted over kMaxPattern bytes.
  static Result<Pattern> parse(std::string_view text, bool exception);

  // Whether `path` itself matches; parents are the caller's business.
  [[nodiscard]] bool matches(std::string_view path) const;
  // Whether a path below the folder may match; `folder` ends with "/". A "no" is certain.
  [[nodiscard]] bool may_match_below(std::string_view folder) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool exception() const { return exception_; }
  [[nodiscard]] Type type() const { return type_; }

 private:
  std::string text_;
  bool exception_ = false;
  Type type_ = Type::kExact;
  std::string start_;  // of every path that matches; of kExact with a "/" at the end
  std::optional<PathRegexp> regexp_;
};
inline constexpr size_t kMaxPattern = 4096;

// A list of patterns. Immutable: any thread.
class PatternMatcher {
 public:
  // What the patterns said of a folder; handed down, it keeps a walk from asking all parents of
  // every file again.
  using FolderMatches = std::vector<bool>;

  // The status names the pattern. Blank patterns are left out; "!" alone is kInvalidArgument.
  static Result<PatternMatcher> parse(const std::vector<std::string>& patterns);

  // `path` is relative, clean, with "/" between its parts. Every parent is asked of every pattern.
  [[nodiscard]] bool matches(std::string_view path) const;

  // The same during a walk: `parent` is what this function wrote to `own` for the folder that
  // holds `path`, empty for what lies in the root. `own` may be null. As in patternmatcher, a
  // pattern that changed nothing for a folder is not remembered for what the folder holds: of
  // "a", "!a/b", "a" the last one counts for a/b in matches() but not here, as in BuildKit's walk.
  [[nodiscard]] bool matches(std::string_view path, const FolderMatches& parent,
                             FolderMatches* own) const;

  // Whether anything below a folder (with "/" at its end) can have another result than the folder
  // itself: by a pattern, when the folder does not match, by an exception, when it does.
  [[nodiscard]] bool may_change_below(std::string_view folder, bool matched) const;

  [[nodiscard]] const std::vector<Pattern>& patterns() const { return patterns_; }

 private:
  std::vector<Pattern> patterns_;
};

}  // namespace ktl::dockerfile
