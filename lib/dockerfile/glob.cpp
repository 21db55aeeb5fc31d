#include "dockerfile/glob.h"

#include <algorithm>
#include <utility>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

Status bad_glob(std::string_view pattern, std::string reason) {
  return Status(Code::kInvalidArgument,
                "bad pattern \"" + std::string(pattern) + "\": " + std::move(reason));
}

// One end of a range, or a class's only character.
Result<char32_t> parse_class_char(std::string_view& rest) {
  if (rest.starts_with('-') || rest.starts_with(']')) {
    return Status(Code::kInvalidArgument, "\"" + std::string(rest.substr(0, 1)) +
                                              "\" in \"[...]\" needs a \"\\\" before it");
  }
  if (rest.starts_with('\\')) {
    rest.remove_prefix(1);
  }
  const Rune rune = decode_rune(rest);
  if (rune.value == 0xFFFD && rune.width == 1) {
    return Status(Code::kInvalidArgument, "not UTF-8");
  }
  rest.remove_prefix(rune.width);
  if (rune.width == 0 || rest.empty()) {
    return Status(Code::kInvalidArgument, "\"[\" without its \"]\"");
  }
  return rune.value;
}

// `rest` is behind the "[".
Result<CharSet> parse_class_body(std::string_view& rest) {
  CharSet set;
  if (rest.starts_with('^')) {
    set.negate();
    rest.remove_prefix(1);
  }
  for (bool first = true; first || !rest.starts_with(']'); first = false) {
    KTL_ASSIGN(const char32_t low, parse_class_char(rest));
    char32_t high = low;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      KTL_ASSIGN(high, parse_class_char(rest));
    }
    set.add(low, high);  // backwards: a range without members, as in Go
  }
  rest.remove_prefix(1);
  return set;
}

}  // namespace

std::string clean_path(std::string_view path) {
  const bool rooted = path.starts_with('/');
  std::string out = rooted ? "/" : "";
  const size_t base = out.size();
  size_t keep = base;  // ".." may not take away what is before: the root or other ".."
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == ".." && out.size() > keep) {
      const size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos || slash < keep ? keep : std::max(slash, keep));
      continue;
    }
    if (part == ".." && rooted) {
      continue;
    }
    out += out.size() > base ? "/" : "";
    out += part;
    keep = part == ".." ? out.size() : keep;
  }
  return out.empty() ? "." : out;
}

Result<Glob> Glob::parse(std::string_view pattern) {
  Glob glob;
  for (std::string_view rest = pattern; !rest.empty();) {
    const char first = rest[0];
    if (first == '[') {
      rest.remove_prefix(1);
      auto set = parse_class_body(rest);
      if (!set.ok()) {
        return bad_glob(pattern, set.status().message());
      }
      glob.tokens_.push_back({false, *std::move(set)});
      continue;
    }
    if (first == '*' || first == '?') {
      rest.remove_prefix(1);
      glob.tokens_.push_back({first == '*', CharSet::all_but('/')});
      continue;
    }
    rest.remove_prefix(first == '\\' ? 1 : 0);
    if (rest.empty()) {
      return bad_glob(pattern, "\"\\\" at its end");
    }
    const Rune rune = decode_rune(rest);
    rest.remove_prefix(rune.width);
    glob.tokens_.push_back({false, CharSet::of(rune.value)});
  }
  return glob;
}

bool Glob::matches(std::string_view name) const {
  // Only the last star is ever tried again, one character longer each time.
  size_t at = 0;
  size_t star = tokens_.size();
  std::string_view star_rest;
  while (!name.empty() || at < tokens_.size()) {
    const Rune rune = decode_rune(name);
    if (at < tokens_.size() && tokens_[at].star) {
      star = at++;
      star_rest = name;
    } else if (at < tokens_.size() && rune.width > 0 && tokens_[at].set.has(rune.value)) {
      name.remove_prefix(rune.width);
      ++at;
    } else {
      const Rune skipped = decode_rune(star_rest);
      if (star == tokens_.size() || skipped.width == 0 || skipped.value == '/') {
        return false;
      }
      star_rest.remove_prefix(skipped.width);
      name = star_rest;
      at = star + 1;
    }
  }
  return true;
}

}  // namespace ktl::dockerfile
