#include "dockerfile/wildcard.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "dockerfile/text.h"

namespace ktl::dockerfile {
namespace {

// Beyond the last code point, so that no character is mistaken for them.
constexpr char32_t kStar = 0x110000;
constexpr char32_t kAnyOne = 0x110001;

bool is_escapable(char32_t rune) {
  return rune == '*' || rune == '?' || rune == '\\' || rune == '/' || rune == '}';
}

Result<std::u32string> parse_pattern(std::string_view pattern) {
  std::u32string tokens;
  const std::u32string runes = to_runes(pattern);
  for (size_t i = 0; i < runes.size(); ++i) {
    if (runes[i] == '*' || runes[i] == '?') {
      tokens += runes[i] == '*' ? kStar : kAnyOne;
    } else if (runes[i] != '\\') {
      tokens += runes[i];
    } else if (i + 1 < runes.size() && is_escapable(runes[i + 1])) {
      tokens += runes[++i];
    } else {
      return Status(Code::kInvalidArgument,
                    "the pattern " + std::string(pattern) + " escapes what needs no escape")
          .advise("in ${...} patterns a backslash may stand before * ? \\ / and } only");
    }
  }
  return tokens;
}

// Which tokens could be next after some text was read: one step per character of the text.
class Matcher {
 public:
  explicit Matcher(const std::u32string& tokens) : tokens_(tokens), active_(tokens.size() + 1) {
    active_[0] = 1;
    skip_stars();
  }

  [[nodiscard]] bool accepts() const { return active_.back() != 0; }
  [[nodiscard]] bool stuck() const { return std::ranges::find(active_, 1) == active_.end(); }

  void read(char32_t rune) {
    std::vector<char> next(active_.size());
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (active_[i] == 0) {
        continue;
      }
      if (tokens_[i] == kStar) {
        next[i] |= static_cast<char>(rune != '\n');
      } else if (tokens_[i] == rune || (tokens_[i] == kAnyOne && rune != '\n')) {
        next[i + 1] = 1;
      }
    }
    active_.swap(next);
    skip_stars();
  }

 private:
  void skip_stars() {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (active_[i] != 0 && tokens_[i] == kStar) {
        active_[i + 1] = 1;
      }
    }
  }

  const std::u32string& tokens_;
  std::vector<char> active_;
};

// How much of the start of `value` the tokens match; nothing when they do not.
Result<std::optional<size_t>> match_start(const std::u32string& tokens, std::u32string_view value,
                                          bool longest, Work& work) {
  Matcher matcher(tokens);
  std::optional<size_t> found;
  for (size_t read = 0;; ++read) {
    if (matcher.accepts()) {
      found = read;
    }
    if ((found.has_value() && !longest) || read == value.size() || matcher.stuck()) {
      return found;
    }
    KTL_TRY(work.spend(tokens.size() + 1));
    matcher.read(value[read]);
  }
}

struct Span {
  size_t start;
  size_t end;
};

// The first place at or after `from` where the tokens match, and the longest match there.
Result<std::optional<Span>> search(const std::u32string& tokens, std::u32string_view value,
                                   size_t from, Work& work) {
  for (size_t start = from; start <= value.size(); ++start) {
    KTL_TRY(work.spend(tokens.size() + 1));
    KTL_ASSIGN(const auto length, match_start(tokens, value.substr(start), true, work));
    if (length.has_value()) {
      return std::optional<Span>(Span{start, start + *length});
    }
  }
  return std::optional<Span>();
}

bool is_name(char32_t rune) {
  return (rune >= '0' && rune <= '9') || (rune >= 'a' && rune <= 'z') ||
         (rune >= 'A' && rune <= 'Z') || rune == '_' || rune >= 0x80;
}

// The `$...` at the start of `text`: what it stands for goes to `out`, its length is returned.
size_t fill_in(std::u32string_view text, std::u32string_view match, std::u32string& out) {
  if (text.starts_with(U"$$")) {
    out += U'$';
    return 2;
  }
  const bool braces = text.starts_with(U"${");
  const size_t start = braces ? 2 : 1;
  size_t end = start;
  while (end < text.size() && is_name(text[end])) {
    ++end;
  }
  if (end == start || (braces && (end == text.size() || text[end] != '}'))) {
    out += U'$';
    return 1;
  }
  const std::u32string_view name = text.substr(start, end - start);
  if (name.find_first_not_of(U'0') == std::u32string_view::npos) {
    out += match;
  }
  return braces ? end + 1 : end;
}

Status append_filled(std::u32string_view text, std::u32string_view match, std::u32string& out,
                     Work& work) {
  while (!text.empty()) {
    KTL_TRY(work.spend(1 + (text[0] == '$' ? match.size() : 0)));
    if (text[0] == '$') {
      text.remove_prefix(fill_in(text, match, out));
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return {};
}

}  // namespace

Result<std::string> strip_prefix(std::string_view pattern, std::string_view value, bool longest,
                                 Work& work) {
  KTL_ASSIGN(const auto tokens, parse_pattern(pattern));
  const std::u32string runes = to_runes(value);
  KTL_ASSIGN(const auto length, match_start(tokens, runes, longest, work));
  return from_runes(std::u32string_view(runes).substr(length.value_or(0)));
}

Result<std::string> strip_suffix(std::string_view pattern, std::string_view value, bool longest,
                                 Work& work) {
  KTL_ASSIGN(auto tokens, parse_pattern(pattern));
  std::ranges::reverse(tokens);
  std::u32string runes = to_runes(value);
  std::ranges::reverse(runes);
  KTL_ASSIGN(const auto length, match_start(tokens, runes, longest, work));
  runes.erase(0, length.value_or(0));
  std::ranges::reverse(runes);
  return from_runes(runes);
}

Result<std::string> replace_first(std::string_view pattern, std::string_view value,
                                  std::string_view text, Work& work) {
  KTL_ASSIGN(const auto tokens, parse_pattern(pattern));
  const std::u32string runes = to_runes(value);
  KTL_ASSIGN(const auto match, search(tokens, runes, 0, work));
  if (!match.has_value()) {
    return std::string(value);
  }
  return from_runes(runes.substr(0, match->start)) + std::string(text) +
         from_runes(runes.substr(match->end));
}

Result<std::string> replace_all(std::string_view pattern, std::string_view value,
                                std::string_view text, Work& work) {
  KTL_ASSIGN(const auto tokens, parse_pattern(pattern));
  const std::u32string runes = to_runes(value);
  const std::u32string_view all = runes;
  const std::u32string replacement = to_runes(text);
  std::u32string out;
  size_t copied = 0;
  for (size_t from = 0; from <= all.size();) {
    KTL_ASSIGN(const auto match, search(tokens, all, from, work));
    if (!match.has_value()) {
      break;
    }
    out += all.substr(copied, match->start - copied);
    // An empty match right behind the last one is none.
    if (match->end > copied || match->start == 0) {
      const auto matched = all.substr(match->start, match->end - match->start);
      KTL_TRY(append_filled(replacement, matched, out, work));
    }
    copied = match->end;
    from = std::max(from + 1, match->end);
  }
  out += all.substr(copied);
  return from_runes(out);
}

}  // namespace ktl::dockerfile
