#include "dockerfile/patterns.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dockerfile/glob.h"
#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

constexpr size_t kMaxLine = size_t{64} << 10;
constexpr std::string_view kBom = "\xEF\xBB\xBF";
// Not "|{}", which patternmatcher means to escape and does not.
constexpr std::string_view kRegexpSpecial = ".+()$";
constexpr std::string_view kWildcards = "*?[]\\";

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

// One line of an ignore file that is neither blank nor a comment.
std::string clean_line(std::string_view line) {
  const bool exception = line.starts_with('!');
  line = exception ? trim(line.substr(1)) : line;
  std::string pattern = line.empty() ? "" : clean_path(line);
  if (pattern.size() > 1 && pattern[0] == '/') {
    pattern.erase(0, 1);
  }
  return (exception ? "!" : "") + pattern;
}

// The expression grows by "**" and what follows it; `rest` is behind both stars.
void translate_double_star(std::string_view& rest, std::string& out) {
  rest.remove_prefix(rest.starts_with('/') ? 1 : 0);
  out += rest.empty() ? ".*" : "(.*/)?";
}

void translate_one(std::string_view& rest, std::string& out) {
  const Rune rune = decode_rune(rest);
  const std::string_view first = rest.substr(0, rune.width);
  rest.remove_prefix(rune.width);
  if (first == "*" && rest.starts_with('*')) {
    rest.remove_prefix(1);
    translate_double_star(rest, out);
  } else if (first == "*") {
    out += "[^/]*";
  } else if (first == "?") {
    out += "[^/]";
  } else if (first == "\\" && !rest.empty()) {
    const Rune next = decode_rune(rest);
    out += '\\';
    append_rune(out, next.value);
    rest.remove_prefix(next.width);
  } else {
    out += kRegexpSpecial.find(first) != std::string_view::npos ? "\\" : "";
    append_rune(out, rune.value);
  }
}

// Bytes that every path starts with which the expression for `pattern` matches.
std::string_view literal_start(std::string_view pattern) {
  if (pattern.find_first_of("|{") != std::string_view::npos) {
    return {};  // in an expression an alternative, or none of what is before
  }
  const auto end = std::ranges::find_if(pattern, [](char c) {
    return c == '^' || kWildcards.find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
  });
  return {pattern.begin(), end};
}

// `pattern` up to the star that ends its first name: what patternmatcher checks the syntax of by
// filepath.Match. What follows need only be an expression.
std::string_view first_chunk(std::string_view pattern) {
  bool in_class = false;
  for (size_t i = std::min(pattern.find_first_not_of('*'), pattern.size()); i < pattern.size();
       ++i) {
    if (pattern[i] == '*' && !in_class) {
      return pattern.substr(0, i);
    }
    in_class = pattern[i] == '[' || (in_class && pattern[i] != ']');
    i += pattern[i] == '\\' ? 1 : 0;
  }
  return pattern;
}

// "**" at the start or the end and nothing special besides is compared without an expression.
Pattern::Type type_of(std::string_view pattern) {
  const bool stars_first = pattern.starts_with("**");
  const std::string_view rest = pattern.substr(stars_first ? 2 : 0);
  if (rest.find_first_of(kWildcards) == std::string_view::npos) {
    return stars_first ? Pattern::Type::kSuffix : Pattern::Type::kExact;
  }
  const bool stars_last = pattern.find_first_of(kWildcards) + 2 == pattern.size();
  return stars_last && pattern.ends_with("**") ? Pattern::Type::kPrefix : Pattern::Type::kRegexp;
}

bool matches_with_parents(const Pattern& pattern, std::string_view path) {
  for (size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    if (pattern.matches(path.substr(0, slash))) {
      return true;
    }
  }
  return pattern.matches(path);
}

}  // namespace

Result<std::vector<std::string>> read_ignore_file(std::string_view text) {
  if (text.size() > kMaxIgnoreFile) {
    return Status(Code::kResourceExhausted,
                  "ignore file has more than " + std::to_string(kMaxIgnoreFile) + " bytes");
  }
  std::vector<std::string> patterns;
  text.remove_prefix(text.starts_with(kBom) ? kBom.size() : 0);
  for (size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.size() >= kMaxLine) {
      return Status(Code::kResourceExhausted,
                    "line " + std::to_string(number) + " of the ignore file is too long");
    }
    const std::string_view pattern = trim(line);
    if (!line.starts_with('#') && !pattern.empty()) {
      patterns.push_back(clean_line(pattern));
    }
  }
  return patterns;
}

std::string translate_pattern(std::string_view pattern) {
  std::string out = "^";
  while (!pattern.empty()) {
    translate_one(pattern, out);
  }
  return out + "$";
}

Result<Pattern> Pattern::parse(std::string_view text, bool exception) {
  if (text.size() > kMaxPattern) {
    return Status(Code::kResourceExhausted, "pattern " + quoted(text.substr(0, 40)) +
                                                "... is longer than " +
                                                std::to_string(kMaxPattern) + " bytes");
  }
  KTL_TRY(Glob::parse(first_chunk(text)).status());
  Pattern pattern;
  pattern.text_ = text;
  pattern.exception_ = exception;
  pattern.type_ = type_of(text);
  pattern.start_ = pattern.type_ == Type::kExact ? pattern.text_ + "/" : literal_start(text);
  if (pattern.type_ == Type::kRegexp) {
    auto regexp = PathRegexp::compile(translate_pattern(text));
    if (!regexp.ok()) {
      return regexp.status().in("bad pattern " + quoted(text));
    }
    pattern.regexp_ = *std::move(regexp);
  }
  return pattern;
}

bool Pattern::matches(std::string_view path) const {
  const std::string_view text = text_;
  switch (type_) {
    case Type::kExact:
      return path == text;
    case Type::kPrefix:
      return path.starts_with(text.substr(0, text.size() - 2));
    case Type::kSuffix: {
      const std::string_view suffix = text.substr(2);
      return path.ends_with(suffix) || (suffix.starts_with('/') && path == suffix.substr(1));
    }
    case Type::kRegexp:
      return regexp_->matches(path);
  }
  return false;
}

bool Pattern::may_match_below(std::string_view folder) const {
  return folder.starts_with(start_) || std::string_view(start_).starts_with(folder);
}

Result<PatternMatcher> PatternMatcher::parse(const std::vector<std::string>& patterns) {
  PatternMatcher matcher;
  for (const std::string& line : patterns) {
    const std::string_view trimmed = trim(line);
    if (trimmed.empty()) {
      continue;
    }
    const std::string clean = clean_path(trimmed);
    const bool exception = clean.starts_with('!');
    if (clean == "!") {
      return Status(Code::kInvalidArgument, "pattern \"!\" takes back nothing")
          .advise("write the path that is to stay after the \"!\"");
    }
    auto pattern = Pattern::parse(std::string_view(clean).substr(exception ? 1 : 0), exception);
    if (!pattern.ok()) {
      return std::move(pattern).status();
    }
    matcher.patterns_.push_back(*std::move(pattern));
  }
  return matcher;
}

bool PatternMatcher::matches(std::string_view path) const {
  bool matched = false;
  for (const Pattern& pattern : patterns_) {
    if (pattern.exception() == matched && matches_with_parents(pattern, path)) {
      matched = !matched;
    }
  }
  return matched;
}

bool PatternMatcher::matches(std::string_view path, const FolderMatches& parent,
                             FolderMatches* own) const {
  if (own != nullptr) {
    own->assign(patterns_.size(), false);
  }
  bool matched = false;
  for (size_t i = 0; i < patterns_.size(); ++i) {
    bool match = !parent.empty() && parent[i];
    // Otherwise only what would change the result so far is worth a look.
    if (!match && patterns_[i].exception() == matched) {
      match = patterns_[i].matches(path);
    }
    if (match) {
      matched = !patterns_[i].exception();
    }
    if (match && own != nullptr) {
      (*own)[i] = true;
    }
  }
  return matched;
}

bool PatternMatcher::may_change_below(std::string_view folder, bool matched) const {
  return std::ranges::any_of(patterns_, [&](const Pattern& pattern) {
    return pattern.exception() == matched && pattern.may_match_below(folder);
  });
}

}  // namespace ktl::dockerfile
